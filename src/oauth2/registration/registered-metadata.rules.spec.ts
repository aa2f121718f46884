import { Settings } from '../../platform/config/index.js';
import { ClientAddresses } from '../../platform/outbound/index.js';
import { clientOf, RegistrationProblem } from './registered-metadata.rules.js';

const stranger = { trusted: false, scope: null };
const addresses = new ClientAddresses(Settings.of());

describe('metadata of a client that registers itself', () => {
  it('get the defaults of RFC 7591', () => {
    expect(clientOf({ redirect_uris: ['https://app.example.org/cb'] }, stranger, addresses)).toMatchObject({
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
      addresses,
    );
    expect(client.pkceRequired).toBe(true);
    expect(client.firstParty).toBeUndefined();
    expect(client.metadata).toEqual({});
  });

  it('keep web addresses for people, and no scripts', () => {
    const kept = { logo_uri: 'https://app.example.org/logo.png', contacts: ['ops@example.org'] };
    expect(clientOf(kept, stranger, addresses).metadata).toEqual(kept);
    expect(() => clientOf({ logo_uri: 'javascript:alert(1)' }, stranger, addresses)).toThrow(
      RegistrationProblem,
    );
  });

  it('may name a key set on a public host only', () => {
    const jwks_uri = 'https://app.example.org/jwks';
    expect(clientOf({ jwks_uri }, stranger, addresses)).toMatchObject({ jwksUri: jwks_uri });
    expect(() => clientOf({ jwks_uri: 'https://10.0.0.1/jwks' }, stranger, addresses)).toThrow(
      RegistrationProblem,
    );
  });
});
