import { issuerUrl, metadataAddresses } from './metadata.rule.js';

describe('addresses of the metadata of an issuer', () => {
  it.each([
    [
      'https://as.example.org',
      'https://as.example.org/.well-known/oauth-authorization-server',
      'https://as.example.org/.well-known/openid-configuration',
    ],
    [
      'https://as.example.org/oauth2',
      'https://as.example.org/.well-known/oauth-authorization-server/oauth2',
      'https://as.example.org/oauth2/.well-known/openid-configuration',
    ],
    [
      'https://as.example.org/realms/one/',
      'https://as.example.org/.well-known/oauth-authorization-server/realms/one',
      'https://as.example.org/realms/one/.well-known/openid-configuration',
    ],
  ])('%s', (issuer, oauth, openid) => {
    expect(metadataAddresses(issuerUrl(issuer))).toEqual({ oauth, openid });
  });
});

describe('an issuer', () => {
  it.each(['http://localhost:8080/oauth2', 'http://127.0.0.1:1', 'http://[::1]:1/a', 'https://10.0.0.1/a'])(
    'may be %s',
    (issuer) => {
      expect(issuerUrl(issuer).href).toContain(issuer);
    },
  );

  it.each([
    'http://10.0.0.1/a',
    'http://localhost.example.org',
    'http://0.0.0.0',
    'http://[::ffff:10.0.0.1]',
    'https://as.example.org/a b',
    'https://as.example.org/?',
    `https://as.example.org/${'a'.repeat(500)}`,
    'file:///etc/passwd',
    '',
  ])('may not be %j', (issuer) => {
    expect(() => issuerUrl(issuer)).toThrow(expect.objectContaining({ stage: 'address' }));
  });
});
