import { clientOf, isPublicHttps, RegistrationProblem } from './client-metadata.rules.js';

const stranger = { trusted: false, scope: null };

describe('metadata of a client that registers itself', () => {
  it('get the defaults of RFC 7591', () => {
    expect(clientOf({ redirect_uris: ['https://app.example.org/cb'] }, stranger)).toMatchObject({
      tokenEndpointAuthMethod: 'client_secret_basic',
      grantTypes: ['authorization_code'],
      scope: 'openid fhirUser profile',
      resource: [],
      jwksUri: null,
      pkceRequired: true,
      metadata: {},
    });
  });

  it('can neither exempt the client from PKCE nor make it one of this server', () => {
    const client = clientOf(
      { firstParty: true, first_party: true, pkce_required: false, enabled: true },
      stranger,
    );
    expect(client.pkceRequired).toBe(true);
    expect(client.firstParty).toBeUndefined();
    expect(client.metadata).toEqual({});
  });

  it('keep web addresses for people, and no scripts', () => {
    const kept = { logo_uri: 'https://app.example.org/logo.png', contacts: ['ops@example.org'] };
    expect(clientOf(kept, stranger).metadata).toEqual(kept);
    expect(() => clientOf({ logo_uri: 'javascript:alert(1)' }, stranger)).toThrow(RegistrationProblem);
  });

  it.each([
    'https://127.0.0.1/jwks',
    'https://127.1/jwks',
    'https://2130706433/jwks',
    'https://0x7f.0.0.1/jwks',
    'https://10.1.2.3/jwks',
    'https://192.168.0.1/jwks',
    'https://169.254.169.254/latest',
    'https://100.64.0.1/jwks',
    'https://0.0.0.0/jwks',
    'https://[::1]/jwks',
    'https://[::ffff:127.0.0.1]/jwks',
    'https://[fe80::1]/jwks',
    'https://[fd00::1]/jwks',
    'https://localhost/jwks',
    'https://localhost./jwks',
    'https://x.localhost/jwks',
    'https://intranet/jwks',
    'https://db.internal/jwks',
    'https://printer.local/jwks',
    'https://user:pass@app.example.org/jwks',
    'http://app.example.org/jwks',
    'file:///etc/passwd',
    'https://app.example.org/jwks#x',
  ])('may not make this server fetch %s', (uri) => {
    expect(isPublicHttps(uri)).toBe(false);
  });

  it('may name a key set on a public host', () => {
    expect(isPublicHttps('https://app.example.org/jwks')).toBe(true);
    expect(isPublicHttps('https://93.184.215.14/jwks')).toBe(true);
  });
});
