import type { ClientsService } from '../../clients/index.js';
import { Settings } from '../../platform/config/index.js';
import type { FhirCors } from '../cors/fhir-cors.js';
import { AdminRoleCheck } from './admin-role.check.js';
import { administratorOf } from './administrator.js';
import type { CheckContext } from './check.js';
import { BasicPresentCheck, TokenPresentCheck } from './credentials-present.check.js';
import { CrossSiteCheck } from './cross-site.check.js';
import { OpenAllowedCheck } from './open-allowed.check.js';

const context = (given: object): CheckContext => given as unknown as CheckContext;

describe('an administrator', () => {
  const check = new AdminRoleCheck({
    find: (clientId: string) =>
      Promise.resolve(clientId === 'nobody' ? undefined : { firstParty: clientId === 'own' }),
  } as unknown as ClientsService);
  const token = (clientId = 'own', scopes = ['admin']): object => ({ claims: { clientId, scopes } });
  const user = (roles: readonly string[] = ['admin']): object => ({ user: { username: 'alice', roles } });

  it('comes by Basic, or by a token of a client of this server', async () => {
    expect(await check.run(context(user()))).toBeUndefined();
    expect(await check.run(context({ ...user(), ...token() }))).toBeUndefined();
    expect(await check.run(context(user(['practitioner', 'admin'])))).toBeUndefined();
  });

  it.each<[string, object, string | null]>([
    ['is nobody', {}, null],
    ['has no role', user([]), null],
    ['has other roles', user(['practitioner', 'administrator', 'Admin']), null],
    ['has another role and a good token', { ...user(['auditor']), ...token() }, 'insufficient_scope'],
    ['has a token without a user', token(), 'insufficient_scope'],
    ['has a token of another client', { ...user(), ...token('other') }, 'insufficient_scope'],
    ['has a token of no client', { ...user(), ...token('nobody') }, 'insufficient_scope'],
    ['has a token without the scope', { ...user(), ...token('own', ['user/*.cruds']) }, 'insufficient_scope'],
    ['has a token with a like scope', { ...user(), ...token('own', ['admins']) }, 'insufficient_scope'],
  ])('is none who %s', async (_, given, error) => {
    expect(await check.run(context(given))).toMatchObject({ category: 'forbidden', error, scope: 'admin' });
  });

  it('has no clinical rights by that', () => {
    const roles = ['admin'];
    const account = { username: 'alice', roles, fhirUser: 'Practitioner/1' };
    const claims = { clientId: 'own', issuer: 'https://as.example.org', scopes: ['admin'], patient: 'p' };
    const given = context({ user: account, claims });
    expect(administratorOf(given)).toEqual({
      ...{ subject: 'alice', kind: 'user', roles, fhirUser: 'Practitioner/1', patient: null },
      ...{ clientId: 'own', issuer: 'https://as.example.org', scopes: ['admin'] },
    });
    expect(administratorOf(context({}))).toEqual({
      ...{ subject: '', kind: 'user', roles: [], fhirUser: null, patient: null },
      ...{ clientId: null, issuer: null, scopes: null },
    });
  });
});

describe('a request of another site’s page', () => {
  const check = new CrossSiteCheck(Settings.of({ publicUrl: 'https://fhir.example.org/base' }), {
    isTrusted: (origin: unknown) => Promise.resolve(origin === 'https://app.example.org'),
  } as unknown as FhirCors);
  const refused = async (kind: string, method: string, headers: object): Promise<boolean> =>
    (await check.run(context({ target: { kind, method, headers } }))) !== undefined;
  const own = 'https://fhir.example.org';
  const foreign = 'https://other.example.org';

  it.each<[object, boolean]>([
    [{}, false],
    [{ origin: own }, false],
    [{ origin: own, 'sec-fetch-site': 'same-origin' }, false],
    [{ 'sec-fetch-site': 'none' }, false],
    [{ 'sec-fetch-site': 'same-site' }, true],
    [{ 'sec-fetch-site': 'cross-site' }, true],
    [{ origin: own, 'sec-fetch-site': 'cross-site' }, true],
    [{ origin: foreign }, true],
    [{ origin: foreign, 'sec-fetch-site': 'same-origin' }, true],
    [{ origin: `${own}/base` }, true],
    [{ origin: 'http://fhir.example.org' }, true],
    [{ origin: 'null' }, true],
  ])('with %j is refused where it changes something: %s', async (headers, isRefused) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      expect([method, await refused('fhir', method, headers)]).toEqual([method, isRefused]);
      expect([method, await refused('administration', method, headers)]).toEqual([method, isRefused]);
    }
  });

  it('may read at a FHIR endpoint, where CORS decides, and not from the management API', async () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS']) {
      expect([method, await refused('fhir', method, { origin: foreign })]).toEqual([method, false]);
      expect([method, await refused('administration', method, { origin: foreign })]).toEqual([method, true]);
    }
  });

  it('of a client whose address an administrator approved may write at a FHIR endpoint alone', async () => {
    const headers = { origin: 'https://app.example.org', 'sec-fetch-site': 'cross-site' };
    expect(await refused('fhir', 'POST', headers)).toBe(false);
    expect(await refused('administration', 'POST', headers)).toBe(true);
  });
});

describe('credentials', () => {
  const brought = (scheme: string | null, tokens = 0): object => ({
    credentials: { scheme, parameterTokens: Array.from({ length: tokens }, () => 'token') },
  });
  const missing = (check: BasicPresentCheck | TokenPresentCheck, mode: string, given: object): boolean => {
    const failure = check.run(context({ target: { mode }, ...given }));
    if (failure !== undefined) expect(failure).toMatchObject({ category: 'unauthenticated', error: null });
    return failure !== undefined;
  };

  it('by Basic are asked for by that scheme alone', () => {
    const check = new BasicPresentCheck();
    expect(missing(check, 'basic', brought('basic'))).toBe(false);
    for (const scheme of [null, 'bearer', 'dpop', 'digest']) {
      expect(missing(check, 'basic', brought(scheme))).toBe(true);
      expect(missing(check, 'basic-and-bearer', brought(scheme, 1))).toBe(true);
    }
  });

  it('by token come in the header where nothing else does, or in the parameter', () => {
    const check = new TokenPresentCheck();
    for (const scheme of ['bearer', 'dpop']) {
      expect(missing(check, 'bearer', brought(scheme))).toBe(false);
      expect(missing(check, 'basic-and-bearer', brought(scheme))).toBe(true);
    }
    for (const scheme of [null, 'basic']) {
      expect(missing(check, 'bearer', brought(scheme))).toBe(true);
      expect(missing(check, 'bearer', brought(scheme, 1))).toBe(false);
      expect(missing(check, 'basic-and-bearer', brought(scheme))).toBe(true);
      expect(missing(check, 'basic-and-bearer', brought(scheme, 1))).toBe(false);
    }
  });

  it('are not asked for only where the operator has allowed that', () => {
    expect(new OpenAllowedCheck(Settings.of({ allowOpen: true })).run()).toBeUndefined();
    expect(new OpenAllowedCheck(Settings.of({ allowOpen: false })).run()).toMatchObject({
      category: 'forbidden',
    });
    expect(new OpenAllowedCheck(Settings.of({})).run()).toMatchObject({ category: 'forbidden' });
  });
});
