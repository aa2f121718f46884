import type { Audience } from './audiences.js';
import { clientScopes, defaultClientScope, needsAudience, stillAllowed, userScopes } from './scope-policy.js';

const fhir: Audience = {
  kind: 'endpoint',
  base: 'https://x/fhir',
  format: 'opaque',
  signingAlgorithm: 'RS256',
  lifetime: null,
};
const administration: Audience = {
  kind: 'administration',
  base: 'https://x/admin',
  format: 'opaque',
  signingAlgorithm: 'RS256',
  lifetime: null,
};
const client = (scope: string, firstParty = false) => ({ clientId: 'app', scope, firstParty });

describe('scope policy', () => {
  it('lets a client ask within its scope list', () => {
    expect(userScopes('openid user/Patient.rs', client('openid user/*.cruds'), fhir)).toEqual({
      ok: true,
      scopes: ['openid', 'user/Patient.rs'],
    });
  });

  it.each([
    ['nothing', undefined, client('openid')],
    ['too much', 'user/*.cruds', client('user/*.rs')],
    ['anything, without a list', 'openid', client('')],
    ['system scopes for a user', 'system/*.rs', client('system/*.rs')],
    ['admin as somebody else’s client', 'admin', client('admin')],
    ['admin at a FHIR endpoint', 'admin', client('admin', true)],
  ])('refuses %s', (_name, scope, bounds) => {
    expect(userScopes(scope, bounds, fhir)).toMatchObject({ ok: false, problem: { error: 'invalid_scope' } });
  });

  it('keeps clinical scopes away from the management API', () => {
    const bounds = client('admin user/*.rs system/*.rs', true);
    expect(userScopes('admin', bounds, administration).ok).toBe(true);
    expect(userScopes('user/*.rs', bounds, administration).ok).toBe(false);
    expect(clientScopes('system/*.rs', bounds, administration).ok).toBe(false);
  });

  it('gives clients without a user system scopes only', () => {
    const bounds = client('openid user/*.rs system/*.rs admin', true);
    expect(clientScopes('system/Patient.r', bounds, fhir).ok).toBe(true);
    for (const scope of ['openid', 'user/*.rs', 'admin', 'offline_access', '']) {
      expect(clientScopes(scope, bounds, fhir).ok).toBe(false);
    }
    expect(defaultClientScope(bounds)).toBe('system/*.rs');
  });

  it('takes away what the scope list no longer covers', () => {
    expect(
      stillAllowed(['openid', 'user/Patient.rs', 'user/Group.r'], client('openid user/Patient.cruds')),
    ).toEqual(['openid', 'user/Patient.rs']);
    expect(stillAllowed(['openid'], client('broken scope/list'))).toEqual([]);
  });

  it('knows which scopes need an audience', () => {
    expect(needsAudience('openid profile fhirUser offline_access')).toBe(false);
    for (const scope of ['openid user/*.rs', 'admin', 'launch/patient'])
      expect(needsAudience(scope)).toBe(true);
  });
});
