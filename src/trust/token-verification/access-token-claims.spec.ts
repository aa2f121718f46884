import fc from 'fast-check';
import { readClaims } from './access-token-claims.js';

const issuer = 'https://as.example.org';
const rules = { issuer, now: 1_000_000_000_000, requireIssuer: true };
const claims = { iss: issuer, sub: 'alice', client_id: 'app', exp: 1_000_000_060 };

describe('claims of an access token', () => {
  it('allow for clocks that differ by ten seconds', () => {
    expect(readClaims({ ...claims, exp: 1_000_000_000 - 9 }, rules).ok).toBe(true);
    expect(readClaims({ ...claims, exp: 1_000_000_000 - 10 }, rules).ok).toBe(false);
    expect(readClaims({ ...claims, nbf: 1_000_000_010 }, rules).ok).toBe(true);
    expect(readClaims({ ...claims, nbf: 1_000_000_011 }, rules).ok).toBe(false);
  });

  it('without audience or scope have none, which permits nothing later', () => {
    expect(readClaims(claims, rules)).toMatchObject({ ok: true, claims: { audience: [], scopes: [] } });
  });

  it('of another type than text are not taken for text', () => {
    const odd = { ...claims, scope: ['user/*.rs'], aud: [1, 'a'], fhirUser: {}, patient: 7, encounter: '' };
    expect(readClaims(odd, rules)).toMatchObject({
      claims: { scopes: [], audience: ['a'], fhirUser: null, patient: null, encounter: null },
    });
  });

  it('are read from any JSON without an error', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...Object.keys(claims), 'aud', 'nbf', 'iat', 'cnf'), fc.jsonValue()),
        (json) => {
          void readClaims(json, rules);
          void readClaims(
            { ...claims, ...json },
            { ...rules, requireIssuer: false, expiryIfMissing: 2_000_000_000 },
          );
        },
      ),
    );
  });
});
