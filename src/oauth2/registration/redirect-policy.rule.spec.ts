import { isRedirectAllowed } from './redirect-policy.rule.js';

const rules = ['app.example.org', '*.apps.example.org', 'org.example.app:', 'loopback'];

describe('where redirect URIs of registered clients may lead', () => {
  it.each([
    'https://app.example.org/callback',
    'https://app.example.org:8443/callback',
    'https://APP.example.org/callback',
    'https://one.apps.example.org/callback',
    'org.example.app:/callback',
    'http://localhost:9000/callback',
    'http://[::1]/callback',
  ])('%s is allowed', (uri) => expect(isRedirectAllowed(uri, rules)).toBe(true));

  it.each([
    'https://example.org/callback',
    'https://app.example.org.evil.org/callback',
    'https://evil-app.example.org/callback',
    'https://apps.example.org/callback',
    'https://evilapps.example.org/callback',
    'https://app.example.org@evil.org/callback',
    'org.example.application:/callback',
    'not a URL',
  ])('%s is not', (uri) => expect(isRedirectAllowed(uri, rules)).toBe(false));

  it('is anywhere without rules', () => {
    expect(isRedirectAllowed('https://anywhere.example.net/', [])).toBe(true);
    expect(isRedirectAllowed('http://localhost/', ['app.example.org'])).toBe(false);
  });
});
