import { setTimeout as sleep } from 'node:timers/promises';
import { Module, type OnModuleInit } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { decodeJwt } from 'jose';
import {
  ClaimSources,
  defineExtension,
  FirekeepEvents,
  FirekeepExtension,
  FirekeepExtensionModule,
  GateChecks,
  type ClaimRequest,
  type Claims,
  type FirekeepEventName,
  type GateRefusal,
  type GateRequest,
} from 'firekeep';
import { ClinicModule } from '../../../examples/extension/clinic.module.js';
import { VisitsService } from '../../../examples/extension/visits.service.js';
import { wardClaim } from '../../../examples/extension/ward.claims.js';
import { RefusalsService } from '../../../src/access/index.js';
import { TokenIssuer } from '../../../src/oauth2/index.js';
import { databases } from '../../kit/databases.js';
import { send, type HttpAnswer } from '../../kit/http.js';
import { addClient, addUsers, fhirBase, password, publicClient } from '../oauth2/application.js';
import { basic, Browser, authorizationRequest, postForm, tokensFor } from '../oauth2/browser.js';
import { startExtended } from './extended-application.js';

/** What the extension of this test does; a test may change it. */
const behaviour = {
  claims: (): Claims | Promise<Claims> => ({}),
  check: (_request: GateRequest): GateRefusal | undefined | Promise<GateRefusal | undefined> => undefined,
  askedClaims: [] as ClaimRequest[],
  asked: [] as GateRequest[],
  events: [] as { readonly name: FirekeepEventName; readonly event: object }[],
};
const calm = { claims: behaviour.claims, check: behaviour.check };

const closed: GateRefusal = {
  message: 'Come back in the morning.',
  expected: 'a request by day',
  actual: 'a request at night',
  remedy: 'Wait.',
};

@FirekeepExtension(defineExtension({ name: 'unruly', compatibility: '^0.1.0' }))
@Module({ imports: [FirekeepExtensionModule] })
class UnrulyModule implements OnModuleInit {
  constructor(
    private readonly claims: ClaimSources,
    private readonly checks: GateChecks,
    private readonly events: FirekeepEvents,
  ) {}

  onModuleInit(): void {
    this.claims.add({
      ...{ name: 'unruly.mood', claims: ['mood', 'groups'] },
      claimsFor: (request) => {
        behaviour.askedClaims.push(request);
        return behaviour.claims();
      },
    });
    this.checks.add({
      ...{ name: 'unruly.behind', position: 'behind-scope', guards: ['fhir', 'administration'] },
      check: (request) => {
        behaviour.asked.push(request);
        return behaviour.check(request);
      },
    });
    for (const name of [
      ...(['signed-in', 'sign-in-refused', 'token-issued', 'token-refused', 'revoked'] as const),
      ...(['access-refused', 'resource-written', 'administration-changed', 'consent-given'] as const),
    ]) {
      this.events.on(name, () => {
        throw new Error(`a listener of ${name} that throws`);
      });
      this.events.on(name, () => Promise.reject(new Error(`a listener of ${name} that rejects`)));
      this.events.on(name, (event) => void behaviour.events.push({ name, event }));
    }
  }
}

describe.each(databases)('an extended application on $name', (database) => {
  let app: NestFastifyApplication;
  let log: string[];
  let loaderSecret: string;
  let serverSecret: string;

  beforeAll(async () => {
    ({ app, log } = await startExtended(await database.create(), [ClinicModule, UnrulyModule], {
      FIREKEEP_X_CLINIC_CLOSED_TO: 'mallory, banned-app',
      FIREKEEP_X_CLINIC_WARD: 'surgery',
      FIREKEEP_X_CLINIC_ALARM_LIMIT: '2',
    }));
    await addUsers(app);
    await addClient(app, publicClient);
    loaderSecret = await addClient(app, {
      clientId: 'loader',
      grantTypes: ['client_credentials'],
      scope: 'system/*.cruds',
    });
    serverSecret = await addClient(app, { clientId: 'own-server', resource: [fhirBase] });
    await addClient(app, { clientId: 'remote', resource: ['https://other.example.net/fhir'] });
  });
  afterAll(() => app.close());
  beforeEach(() => {
    Object.assign(behaviour, calm);
    for (const list of [behaviour.askedClaims, behaviour.asked, behaviour.events, log]) list.length = 0;
  });

  const alice = (scope = 'openid profile user/*.cruds', aud = fhirBase) => tokensFor(app, { scope, aud });
  const loaderToken = () =>
    postForm(app, '/oauth2/token', { grant_type: 'client_credentials' }, basic('loader', loaderSecret));
  const fhir = (token: string, path = '/Patient', method = 'GET', payload?: object): Promise<HttpAnswer> =>
    send(app, {
      ...{ method, url: `/fhir/r4${path}` },
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
      ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
    });
  const explained = async (answer: HttpAnswer) => {
    const reference = /[a-z2-9]{16}/.exec(answer.json().issue[0].diagnostics as string)?.[0] ?? '';
    return app.get(RefusalsService, { strict: false }).find(reference);
  };

  describe('gives tokens claims of extensions', () => {
    const introspect = async (token: string) =>
      (await postForm(app, '/oauth2/introspection', { token }, basic('own-server', serverSecret))).json();
    const userinfo = (token: string) =>
      send(app, { url: '/oauth2/userinfo', headers: { authorization: `Bearer ${token}` } });

    it('in introspection, id token and userinfo, beside its own', async () => {
      behaviour.claims = () => ({ mood: { today: ['fine'] }, groups: undefined });
      const { access_token: token, id_token: idToken = '' } = await alice();
      const added = { [wardClaim]: 'surgery', mood: { today: ['fine'] } };
      expect(await introspect(token)).toMatchObject({ active: true, sub: 'alice', ...added });
      expect(decodeJwt(idToken)).toMatchObject({ sub: 'alice', ...added });
      const answer = (await userinfo(token)).json();
      expect(answer).toMatchObject({ sub: 'alice', preferred_username: 'alice', ...added });
      expect(Object.keys(answer)).not.toContain('groups');
      const who = { subject: 'alice', kind: 'user', clientId: 'growth-app', audience: fhirBase };
      expect(behaviour.askedClaims.map(({ use }) => use).sort()).toEqual(
        expect.arrayContaining(['access-token', 'id-token', 'userinfo']),
      );
      for (const asked of behaviour.askedClaims) {
        expect(asked).toMatchObject(who);
        expect(asked.scopes).toEqual(expect.arrayContaining(['openid', 'profile']));
      }
    });

    it('in JWT access tokens, and in those of refreshes', async () => {
      behaviour.claims = () => ({ mood: 'first' });
      await addClient(app, {
        ...publicClient,
        ...{ clientId: 'remote-app', scope: 'openid offline_access user/*.rs' },
      });
      const { access_token: token, refresh_token: refreshToken = '' } = await tokensFor(app, {
        ...{ client_id: 'remote-app', scope: 'openid offline_access user/*.rs' },
        aud: 'https://other.example.net/fhir',
      });
      expect(decodeJwt(token)).toMatchObject({ sub: 'alice', mood: 'first', [wardClaim]: 'surgery' });
      behaviour.claims = () => ({ mood: 'later' });
      const refreshed = await postForm(app, '/oauth2/token', {
        ...{ grant_type: 'refresh_token', refresh_token: refreshToken, client_id: 'remote-app' },
      });
      expect(decodeJwt(refreshed.json().access_token as string)).toMatchObject({ mood: 'later' });
    });

    it('also of clients for themselves, and of the command line', async () => {
      behaviour.claims = () => ({ mood: 'busy' });
      const introspected = await introspect((await loaderToken()).json().access_token as string);
      expect(introspected).toMatchObject({ sub: 'loader', subject_type: 'client', mood: 'busy' });
      expect(Object.keys(introspected as object)).not.toContain(wardClaim);
      expect(behaviour.askedClaims).toMatchObject([
        { kind: 'client', subject: 'loader', clientId: 'loader' },
      ]);
      const { accessToken } = await app
        .get(TokenIssuer, { strict: false })
        .issue({ username: 'alice', scope: 'user/*.rs' });
      expect(await introspect(accessToken)).toMatchObject({ mood: 'busy', [wardClaim]: 'surgery' });
    });

    it.each<[string, () => Claims | Promise<Claims>, number, string]>([
      ['throws', () => Promise.reject(new Error('secret reason')), 500, 'server_error'],
      ['takes too long', () => sleep(3_000, {}), 503, 'temporarily_unavailable'],
      ['says what it has not declared', () => ({ scope: 'admin' }), 500, 'server_error'],
      ['says too much', () => ({ mood: 'x'.repeat(5_000) }), 500, 'server_error'],
      ['says nothing', () => undefined as never, 500, 'server_error'],
      ['says what JSON can not', () => ({ mood: 1n }), 500, 'server_error'],
    ])('or none at all where one %s', async (_what, claims, status, error) => {
      behaviour.claims = claims;
      const refused = await loaderToken();
      expect(refused.statusCode).toBe(status);
      expect(refused.json()).toMatchObject({ error });
      expect(refused.body).not.toContain('secret reason');
      expect(log.join('')).toContain('"source":"unruly.mood"');
      behaviour.claims = calm.claims;
      expect((await loaderToken()).statusCode).toBe(200);
    });

    it('and answers no userinfo without them', async () => {
      const { access_token: token } = await alice();
      behaviour.claims = () => Promise.reject(new Error('secret reason'));
      const refused = await userinfo(token);
      expect([refused.statusCode, refused.json().error]).toEqual([500, 'server_error']);
    });

    it('whose names are its own', () => {
      const sources = app.get(ClaimSources, { strict: false });
      for (const claim of [
        'sub',
        'scope',
        'patient',
        'fhirUser',
        'cnf',
        '__proto__',
        'mood',
        wardClaim,
        '',
      ]) {
        expect(() => sources.add({ name: 'unruly.more', claims: [claim], claimsFor: () => ({}) })).toThrow(
          expect.objectContaining({ code: 'EXTENSION_CLAIMS_INVALID' }),
        );
      }
      expect(() => sources.add({ name: 'more', claims: ['a'], claimsFor: () => ({}) })).toThrow(/its name/);
    });

    it('and tells clients which there are', async () => {
      const { claims_supported: supported } = (
        await send(app, { url: '/oauth2/.well-known/openid-configuration' })
      ).json();
      expect(supported).toEqual(expect.arrayContaining(['sub', 'mood', wardClaim]));
    });
  });

  describe('asks checks of extensions at the gate', () => {
    it('which see who asks for what', async () => {
      const { access_token: token } = await alice();
      expect((await fhir(token, '/Patient/17?_summary=true')).statusCode).toBe(404);
      expect(behaviour.asked).toMatchObject([
        {
          principal: { subject: 'alice', kind: 'user', clientId: 'growth-app', roles: ['practitioner'] },
          endpoint: { base: fhirBase },
          ...{ method: 'GET', url: `${fhirBase}/Patient/17`, interaction: 'read' },
          ...{ resourceType: 'Patient', id: '17', operation: null, address: '127.0.0.1', isSimulated: false },
        },
      ]);
      expect(Object.keys(behaviour.asked[0]?.headers ?? {})).not.toContain('authorization');
      await fhir('wrong');
      await send(app, { url: '/fhir/r4/metadata' });
      expect(behaviour.asked).toHaveLength(1);
    });

    it('which refuse with a reason that the administrator is told', async () => {
      const { access_token: token } = await alice();
      behaviour.check = () => closed;
      const refused = await fhir(token);
      expect(refused.statusCode).toBe(403);
      expect(refused.headers['www-authenticate']).toBeUndefined();
      expect(refused.body).toContain('Come back in the morning.');
      expect(refused.body).not.toContain('at night');
      const refusal = await explained(refused);
      expect(refusal).toMatchObject({
        ...{ check: 'unruly.behind', expected: 'a request by day', actual: 'a request at night' },
        ...{ remedy: 'Wait.', subject: 'alice', clientId: 'growth-app' },
      });
      expect(refusal?.trail.map(({ check, result }) => `${check} ${result}`).slice(-3)).toEqual([
        ...['clinic.closed-accounts passed', 'scope passed', 'unruly.behind failed'],
      ]);
    });

    it('which come before the scope or behind it', async () => {
      const { access_token: token } = await alice('user/Observation.rs');
      behaviour.check = () => closed;
      const refused = await fhir(token);
      expect((await explained(refused))?.check).toBe('scope');
      expect(behaviour.asked).toEqual([]);
    });

    it('of which the clinic’s keeps out whom it is closed to', async () => {
      const secret = await addClient(app, {
        ...{ clientId: 'banned-app', grantTypes: ['client_credentials'], scope: 'system/*.rs' },
      });
      const { access_token: token } = (
        await postForm(
          app,
          '/oauth2/token',
          { grant_type: 'client_credentials' },
          basic('banned-app', secret),
        )
      ).json();
      const refused = await fhir(token as string);
      expect(refused.statusCode).toBe(403);
      expect(await explained(refused)).toMatchObject({
        check: 'clinic.closed-accounts',
        setting: 'FIREKEEP_X_CLINIC_CLOSED_TO',
      });
    });

    describe('about each entry of a Bundle', () => {
      const bundle = (token: string, type: 'batch' | 'transaction', ...requests: [string, string][]) =>
        send(app, {
          ...{ method: 'POST', url: '/fhir/r4', headers: { authorization: `Bearer ${token}` } },
          payload: {
            resourceType: 'Bundle',
            type,
            entry: requests.map(([method, url]) => ({
              request: { method, url },
              ...(method === 'POST' || method === 'PUT'
                ? { resource: { resourceType: 'Basic', code: { text: 'x' }, ...idOf(url) } }
                : {}),
            })),
          },
        });
      const idOf = (url: string) => (url.includes('/') ? { id: url.split('/')[1] } : {});
      const statuses = (answer: HttpAnswer): string[] =>
        answer
          .json<{ entry: { response: { status: string } }[] }>()
          .entry.map(({ response }) => response.status.slice(0, 3));

      it('as a request of its own', async () => {
        const { access_token: token } = await alice();
        await bundle(
          token,
          'batch',
          ...([
            ...[
              ['GET', 'Patient/17?_summary=true'],
              ['POST', 'Basic'],
              ['DELETE', 'Basic/1'],
            ],
            ...[
              ['GET', 'Patient?name=x'],
              ['GET', 'Patient/17/Observation'],
              ['GET', 'Patient/17/_history/1'],
            ],
            ...[
              ['PUT', `${fhirBase}/Basic/2`],
              ['GET', 'Patient/17/$meta'],
              ['GET', 'metadata'],
              ['HEAD', 'Patient/1'],
            ],
          ] as [string, string][]),
        );
        expect(
          behaviour.asked.map(({ method, url, interaction, resourceType, id, operation, isEntry }) =>
            [method, url.slice(fhirBase.length), interaction, resourceType, id, operation, isEntry].join(' '),
          ),
        ).toEqual([
          'POST  transaction    false',
          'GET /Patient/17 read Patient 17  true',
          'POST /Basic create Basic   true',
          'DELETE /Basic/1 delete Basic 1  true',
          'GET /Patient search-type Patient   true',
          'GET /Patient/17/Observation search-type Patient 17  true',
          'GET /Patient/17/_history/1 vread Patient 17  true',
          'PUT /Basic/2 update Basic 2  true',
          'GET /Patient/17/$meta operation Patient 17 $meta true',
          'HEAD /Patient/1 read Patient 1  true',
        ]);
        expect(behaviour.asked.every(({ principal }) => principal.subject === 'alice')).toBe(true);
      });

      it('so that what is refused alone is refused in a batch, and the rest answered', async () => {
        const { access_token: token } = await alice();
        behaviour.check = ({ interaction }) => (interaction === 'create' ? closed : undefined);
        const answer = await bundle(token, 'batch', ['POST', 'Basic'], ['GET', 'Basic']);
        expect(statuses(answer)).toEqual(['403', '200']);
        expect(answer.body).toContain('Come back in the morning.');
        expect(answer.body).not.toContain('at night');
        const [reference = ''] = /[a-z2-9]{16}/.exec(
          answer
            .json<{ entry: { response: { outcome: object } }[] }>()
            .entry.map(({ response }) => JSON.stringify(response.outcome))[0] ?? '',
        ) ?? [''];
        expect(await app.get(RefusalsService, { strict: false }).find(reference)).toMatchObject({
          check: 'unruly.behind',
          actual: 'a request at night; asked for create on Basic, as a part of the request',
          subject: 'alice',
        });
      });

      it('so that a transaction with such an entry stores nothing', async () => {
        const { access_token: token } = await alice();
        behaviour.check = ({ id }) => (id === 'gated' ? closed : undefined);
        const answer = await bundle(token, 'transaction', ['PUT', 'Basic/open'], ['PUT', 'Basic/gated']);
        expect([answer.statusCode, answer.body]).toEqual([403, expect.stringContaining('Bundle.entry[1]')]);
        expect((await fhir(token, '/Basic/open')).statusCode).toBe(404);
      });

      it('behind the scope, where that is where it stands', async () => {
        const { access_token: token } = await alice('user/Observation.rs');
        behaviour.check = () => undefined;
        expect(statuses(await bundle(token, 'batch', ['GET', 'Patient/17']))).toEqual(['403']);
        expect(behaviour.asked.map(({ interaction }) => interaction)).toEqual(['transaction']);
      });

      it('and lets none through that can not be checked', async () => {
        const { access_token: token } = await alice();
        behaviour.check = ({ isEntry }) => (isEntry ? Promise.reject(new Error('secret reason')) : undefined);
        const answer = await bundle(token, 'batch', ['GET', 'Basic']);
        expect(statuses(answer)).toEqual(['503']);
        expect(answer.body).not.toContain('secret reason');
      });
    });

    it('which say when it may be tried again', async () => {
      const { access_token: token } = await alice();
      behaviour.check = () => ({ ...closed, retryAfter: 30 });
      const refused = await fhir(token);
      expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '30']);
    });

    it.each<[string, () => GateRefusal | undefined | Promise<GateRefusal | undefined>]>([
      ['throws', () => Promise.reject(new Error('secret reason'))],
      ['takes too long', () => sleep(3_000, undefined)],
      ['answers what is none', () => false as never],
      ['gives no reason', () => ({}) as never],
    ])('and lets nobody through where one %s', async (_what, check) => {
      const { access_token: token } = await alice();
      behaviour.check = check;
      const refused = await fhir(token);
      expect(refused.statusCode).toBe(503);
      expect(refused.body).not.toContain('secret reason');
      expect(log.join('')).toContain('"check":"unruly.behind"');
      expect((await explained(refused))?.check).toBe('unruly.behind');
    });

    it('at the management API too, where they say so', async () => {
      const asRoot = (payload?: object) =>
        send(app, {
          ...(payload === undefined
            ? { url: '/admin/api/v1/users' }
            : { method: 'POST', url: '/admin/api/v1/access-simulations', payload }),
          headers: { authorization: `Basic ${Buffer.from(`root:${password}`).toString('base64')}` },
        });
      expect((await asRoot()).statusCode).toBe(200);
      expect(behaviour.asked).toMatchObject([
        {
          principal: { subject: 'root', roles: ['admin', 'practitioner'] },
          endpoint: null,
          interaction: null,
        },
      ]);
      behaviour.check = ({ endpoint }) => (endpoint === null ? undefined : closed);
      const simulated = (
        await asRoot({ username: 'alice', scope: 'user/*.rs', clientId: 'growth-app', url: 'Patient' })
      ).json();
      expect(simulated.allowed).toBe(false);
      expect(simulated.checks.at(-1)).toMatchObject({ check: 'unruly.behind', result: 'failed' });
      expect(behaviour.asked.at(-1)).toMatchObject({ isSimulated: true });
      behaviour.check = () => closed;
      expect((await asRoot()).statusCode).toBe(403);
    });

    it('which have names of their own, and are there before the first request', () => {
      const checks = app.get(GateChecks, { strict: false });
      const add = (name: string) => () =>
        checks.add({ name, position: 'behind-scope', check: () => undefined });
      for (const name of ['unruly.behind', 'scope', `unruly.${'a'.repeat(40)}`, 'unruly.late']) {
        expect(add(name)).toThrow(expect.objectContaining({ code: 'EXTENSION_CHECK_INVALID' }));
      }
      expect(add('unruly.late')).toThrow(/requests have been let in without it/);
    });
  });

  describe('tells listeners what happens', () => {
    const told = (name: FirekeepEventName) =>
      behaviour.events.filter((one) => one.name === name).map(({ event }) => event);

    it('at the authorization server', async () => {
      const { access_token: token } = await alice('openid offline_access user/*.rs');
      expect(told('signed-in')).toMatchObject([{ username: 'alice', clientId: 'growth-app' }]);
      expect(told('consent-given')).toMatchObject([{ username: 'alice', clientId: 'growth-app' }]);
      expect(told('token-issued')).toMatchObject([
        { grantType: 'authorization_code', username: 'alice', audience: fhirBase },
      ]);
      await postForm(app, '/oauth2/token', { grant_type: 'client_credentials' }, basic('loader', 'wrong'));
      expect(told('token-refused')).toMatchObject([{ error: 'invalid_client' }]);
      await postForm(app, '/oauth2/revocation', { token, client_id: 'growth-app' });
      expect(told('revoked')).toMatchObject([{ what: 'token', clientId: 'growth-app' }]);
      expect(JSON.stringify(behaviour.events)).not.toContain(token);
    });

    it('of writes, whoever makes them', async () => {
      const { access_token: token } = await alice();
      behaviour.events.length = 0;
      await fhir(token, '/Patient/told', 'PUT', { resourceType: 'Patient', id: 'told' });
      await fhir(token, '/Patient/told', 'PUT', { resourceType: 'Patient', id: 'told', active: true });
      await fhir(token, '/Patient/told', 'DELETE');
      const shared = { type: 'Patient', id: 'told', endpoint: fhirBase, principal: { subject: 'alice' } };
      expect(told('resource-written')).toMatchObject([
        { ...shared, kind: 'create', version: 1 },
        { ...shared, kind: 'update', version: 2 },
        { ...shared, kind: 'delete', version: 3 },
      ]);
    });

    it('of refusals and of changes by administrators', async () => {
      const refused = await fhir('no-token-of-this-server');
      expect(refused.statusCode).toBe(401);
      expect(told('access-refused')).toMatchObject([{ check: 'token-active', endpoint: fhirBase }]);
      await send(app, {
        ...{ method: 'POST', url: '/admin/api/v1/users', payload: { username: 'carol', password } },
        headers: { authorization: `Basic ${Buffer.from(`root:${password}`).toString('base64')}` },
      });
      expect(told('administration-changed')).toMatchObject([
        { username: 'root', method: 'POST', object: 'users/carol' },
      ]);
    });

    it('and is not harmed by those that fail, which are logged', async () => {
      expect((await loaderToken()).statusCode).toBe(200);
      await sleep(10);
      expect(told('token-issued')).toHaveLength(1);
      expect(log.join('')).toContain('a listener of token-issued that throws');
      expect(log.join('')).toContain('a listener of token-issued that rejects');
    });

    it('so that the clinic raises its alarm', async () => {
      const browser = new Browser(app);
      const { address } = authorizationRequest({ scope: 'openid', aud: fhirBase });
      const page = await browser.follow(await browser.get(address));
      for (let time = 0; time < 2; time += 1) await browser.signIn(page, 'alice', 'a wrong password');
      expect(log.join('')).toMatch(/"username":"alice".*"times":2.*refused sign-ins/);
    });
  });

  it('has the clinic keep finished Encounters in its table, and remove the old ones', async () => {
    const { access_token: token } = await alice();
    const encounter = (id: string, end: string) => ({
      ...{ resourceType: 'Encounter', id, status: 'finished', class: { code: 'AMB' } },
      ...{ subject: { reference: 'Patient/visited' }, period: { start: '2001-01-01', end } },
    });
    await fhir(token, '/Patient/visited', 'PUT', { resourceType: 'Patient', id: 'visited' });
    await fhir(token, '/Encounter/old', 'PUT', encounter('old', '2001-01-02'));
    await fhir(token, '/Encounter/new', 'PUT', encounter('new', '2101-01-02'));
    const visits = app.get(VisitsService, { strict: false });
    const kept = await visits.of('visited');
    expect(kept).toMatchObject([
      { encounter: 'new', ward: 'surgery' },
      { encounter: 'old', endedAt: Date.parse('2001-01-02') },
    ]);
    expect(await visits.removeOld(Date.now())).toBe(1);
    expect(await visits.of('visited')).toHaveLength(1);
  });
});
