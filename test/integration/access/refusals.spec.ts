import { setTimeout as sleep } from 'node:timers/promises';
import { ClientsService } from '../../../src/clients/index.js';
import { EndpointsService } from '../../../src/endpoints/index.js';
import { RevocationService } from '../../../src/oauth2/index.js';
import { ClientConfigurationsService, ServerDescriptionsService } from '../../../src/trust/index.js';
import { UsersService } from '../../../src/users/index.js';
import { AuthorizationServerDouble, signingKey } from '../../kit/authorization-server.js';
import { signatureAlgorithmNames } from '../../../src/platform/json-web/index.js';
import { databases } from '../../kit/databases.js';
import type { HttpAnswer, HttpCall } from '../../kit/http.js';
import {
  basic,
  basicPath,
  bearer,
  bearerPath,
  bothPath,
  openPath,
  referenceOf,
  seen,
  World,
} from './application.js';

const invalidToken =
  'error="invalid_token", error_description="The access token is expired, revoked, malformed or not valid here."';

interface Expected {
  readonly status: number;
  readonly challenge: string;
  readonly check: string;
  readonly code: string;
}

describe.each(databases)('a refusal on $name', ({ create }) => {
  let world: World;
  let remote: AuthorizationServerDouble;

  beforeAll(async () => {
    world = await World.start(await create());
    remote = await AuthorizationServerDouble.start();
    await world.get(ServerDescriptionsService).save({ issuer: remote.issuer });
    await world.get(ClientConfigurationsService).create({ applicationName: 'Remote', issuer: remote.issuer });
    const endpoints = world.get(EndpointsService);
    await endpoints.create({ path: '/remote/r4', checkMode: 'bearer', oauthClientName: 'Remote' });
    await endpoints.create({ path: '/dangling/r4', checkMode: 'bearer', oauthClientName: 'Nobody' });
  });
  afterAll(async () => {
    const rows = await world.refusalRows();
    await world.close();
    await remote.stop();
    for (const secret of world.secrets) {
      expect(rows).not.toContain(secret);
      expect(world.log).not.toContain(secret);
    }
    expect(rows).toContain('same-user');
    expect(world.log).toContain('refused');
  });

  const metadata = (path: string) =>
    `resource_metadata="${world.url}/.well-known/oauth-protected-resource${path}"`;
  const challenge = (path: string, error: string) =>
    `Bearer realm="Firekeep", ${error === '' ? '' : `${error}, `}${metadata(path)}`;
  const bearerOnly = (path: string, error = '') =>
    `${challenge(path, error)}, DPoP realm="Firekeep", algs="${signatureAlgorithmNames.join(' ')}"`;
  const both = (error = '') => `Basic realm="Firekeep", charset="UTF-8", ${challenge(bothPath, error)}`;

  async function refused(call: HttpCall, expected: Expected): Promise<HttpAnswer> {
    const answer = await world.call(call);
    expect({
      status: answer.statusCode,
      challenge: answer.headers['www-authenticate'],
      type: answer.headers['content-type'],
      cache: answer.headers['cache-control'],
    }).toEqual({
      status: expected.status,
      challenge: expected.challenge,
      type: expect.stringMatching(/^application\/fhir\+json/),
      cache: call.url.includes('access_token') ? 'private, no-store' : 'no-store',
    });
    const outcome = answer.json();
    expect(outcome).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error', details: { coding: [{ code: expected.code }] } }],
    });
    const explained = await world.explain(answer);
    expect(explained).toMatchObject({
      check: expected.check,
      reference: referenceOf(answer),
      times: expect.any(Number),
    });
    for (const member of ['expected', 'actual', 'remedy', 'setting'] as const) {
      expect(explained[member]).toMatch(/\w/);
    }
    if (explained.mode === 'bearer') {
      const ofBasic = explained.trail.filter(({ check }) =>
        /^(?:basic-password|user-token|same-user)$/.test(check),
      );
      expect(ofBasic.filter(({ result }) => result === 'passed')).toEqual([]);
    }
    const states = explained.trail.map(({ result }) => result);
    expect(explained.trail.find(({ result }) => result === 'failed')?.check).toBe(expected.check);
    expect(states).toEqual([...states].sort((a, b) => placed(a) - placed(b)));
    return answer;
  }
  const order = ['passed', 'failed', 'not-reached'];
  // Among those that passed.
  const placed = (state: string): number => order.indexOf(state === 'not-applicable' ? 'passed' : state);

  const at = (path: string, token: string): string =>
    `${path}/Patient?access_token=${encodeURIComponent(token)}`;

  describe('for what the request brings', () => {
    it('asks for a token where there are no credentials', async () => {
      await refused(
        { url: `${bearerPath}/Patient` },
        {
          ...{ status: 401, check: 'token-present', code: 'ACCESS_CREDENTIALS_REQUIRED' },
          challenge: bearerOnly(bearerPath),
        },
      );
    });

    it('asks for both where there are no credentials', async () => {
      await refused(
        { url: `${bothPath}/Patient` },
        { status: 401, check: 'basic-present', code: 'ACCESS_CREDENTIALS_REQUIRED', challenge: both() },
      );
    });

    it('answers 401 to Basic without a token, whether the password is right or not', async () => {
      const expected = {
        ...{ status: 401, check: 'token-present', code: 'ACCESS_CREDENTIALS_REQUIRED' },
        challenge: both(),
      };
      const right = await refused({ url: `${bothPath}/Patient`, headers: basic('alice') }, expected);
      const wrong = await refused({ url: `${bothPath}/Patient`, headers: basic('alice', 'x') }, expected);
      expect(seen(right)).toEqual(seen(wrong));
    });

    it('answers 401 to a token without Basic', async () => {
      const answer = await refused(
        { url: at(bothPath, await world.token('alice', bothPath)) },
        { status: 401, check: 'basic-present', code: 'ACCESS_CREDENTIALS_REQUIRED', challenge: both() },
      );
      expect((await world.explain(answer)).actual).toBe('a token without HTTP Basic');
    });

    it('answers 401 to a token in the header where Basic belongs there', async () => {
      await refused(
        { url: `${bothPath}/Patient`, headers: bearer(await world.token('alice', bothPath)) },
        { status: 401, check: 'basic-present', code: 'ACCESS_CREDENTIALS_REQUIRED', challenge: both() },
      );
    });

    it.each([
      ['an empty access_token', '?access_token=', 'access_token without a value'],
      ['access_token without a value', '?access_token', 'access_token without a value'],
      ['the parameter twice', '?access_token=abc&access_token=abc', 'access_token 2 times'],
      ['the parameter twice, once encoded', '?access_token=abc&access%5Ftoken=', 'access_token 2 times'],
      ['the parameter three times', '?access_token=&access_token=&access_token=', 'access_token 3 times'],
    ])('answers 400 to %s', async (_name, query, actual) => {
      const answer = await refused(
        { url: `${bothPath}/Patient${query}`, headers: basic('alice') },
        {
          ...{ status: 400, check: 'credentials-form', code: 'ACCESS_INVALID_REQUEST' },
          challenge: expect.stringMatching(
            /^Basic realm="Firekeep", charset="UTF-8", Bearer realm="Firekeep", error="invalid_request", error_description="[^"\\]+", resource_metadata="[^"]+"$/,
          ),
        },
      );
      expect((await world.explain(answer)).actual).toBe(actual);
    });

    it.each([bearerPath, bothPath])('answers 400 to a token in two places at %s', async (path) => {
      const token = await world.token('alice', path);
      const answer = await refused(
        { url: at(path, token), headers: bearer(token) },
        {
          ...{ status: 400, check: 'credentials-form', code: 'ACCESS_INVALID_REQUEST' },
          challenge: expect.stringContaining('error="invalid_request"'),
        },
      );
      expect((await world.explain(answer)).actual).toBe('a token in the header and in access_token');
    });

    it('answers 400 to a good token in the URL of a bearer endpoint', async () => {
      const token = await world.token('alice', bearerPath);
      for (const headers of [{}, basic('alice')]) {
        const answer = await world.call({ url: at(bearerPath, token), headers });
        expect(answer.statusCode).toBe(400);
        expect((await world.explain(answer)).expected).toBe('the token in the header Authorization');
      }
    });

    it('answers 400 to a token in the query and another in the form', async () => {
      const token = await world.token('alice', bothPath);
      const answer = await world.call({
        method: 'POST',
        url: `${bothPath}/Patient/_search?access_token=${token}`,
        headers: { ...basic('alice'), 'content-type': 'application/x-www-form-urlencoded' },
        payload: `access_token=${token}`,
      });
      expect(answer.statusCode).toBe(400);
      expect(answer.body).not.toContain(token);
    });
  });

  describe('for a password', () => {
    it('does not tell an unknown user from a wrong password, nor a disabled account from either', async () => {
      const users = world.get(UsersService);
      await users.create({ username: 'gone', password: 'gone-passphrase', roles: ['practitioner'] });
      await users.disable('gone');
      const url = at(bothPath, await world.token('alice', bothPath));
      const expected = {
        ...{ status: 401, check: 'basic-password', code: 'ACCESS_WRONG_CREDENTIALS' },
        challenge: both(),
      };
      const wrong = await refused({ url, headers: basic('alice', 'not it') }, expected);
      const unknown = await refused({ url, headers: basic('nobody', 'not it') }, expected);
      const disabled = await refused({ url, headers: basic('gone', 'gone-passphrase') }, expected);
      const malformed = await refused({ url, headers: { authorization: 'Basic !!!' } }, expected);
      expect(seen(unknown)).toEqual(seen(wrong));
      expect(seen(disabled)).toEqual(seen(wrong));
      expect(seen(malformed)).toEqual(seen(wrong));
      expect((await world.explain(wrong)).actual).toBe('a wrong password (alice)');
      expect((await world.explain(unknown)).actual).toMatch(
        /^a user that does not exist \(a name that no account has, mark \w{6}\)$/,
      );
      expect((await world.explain(disabled)).actual).toBe('a user that is disabled (gone)');
    });

    it('does not write down a token that was sent as the name', async () => {
      const token = await world.token('alice', bothPath);
      const answer = await world.call({ url: at(bothPath, token), headers: basic(token, '') });
      expect(answer.statusCode).toBe(401);
      expect((await world.explain(answer)).actual).toMatch(
        /^a user that does not exist \(a name that no account has, mark \w{6}\)$/,
      );
    });
  });

  describe('for a token', () => {
    const expected = (check: string): Expected => ({
      ...{ status: 401, check, code: 'ACCESS_INVALID_TOKEN' },
      challenge: bearerOnly(bearerPath, invalidToken),
    });

    it('never tells which fact about it failed', async () => {
      const expiring = await world.token({ username: 'alice', ttl: 1 }, bearerPath);
      await sleep(1_100);
      const good = await world.token('alice', bearerPath);
      const revoked = await world.token('alice', bearerPath);
      await world.get(RevocationService).revokeToken(revoked);
      const call = (token: string): HttpCall => ({ url: `${bearerPath}/Patient`, headers: bearer(token) });
      expect((await world.call(call(good))).statusCode).toBe(200);
      const flipped = good.slice(0, -1) + (good.endsWith('A') ? 'E' : 'A');
      const answers = [
        await refused(call(expiring), expected('token-time')),
        await refused(call(await world.token('alice', bothPath)), expected('audience')),
        await refused(call(remote.accessToken({ aud: world.base(bearerPath) })), expected('token-issuer')),
        await refused(call(flipped), expected('token-active')),
        await refused(call(`${good}A`), expected('token-active')),
        await refused(call(revoked), expected('token-active')),
        await refused(call('x'.repeat(9_000)), expected('token-form')),
        await refused(call('a b'), expected('token-form')),
        await refused({ ...call(''), headers: { authorization: 'Bearer' } }, expected('token-form')),
      ];
      const first = seen(answers[0] ?? fail());
      for (const answer of answers) expect(seen(answer)).toEqual(first);
      const audience = await world.explain(answers[1] ?? fail());
      expect(audience).toMatchObject({
        expected: `aud ${world.base(bearerPath)}`,
        actual: `aud ${world.base(bothPath)}`,
        subject: 'alice',
        clientId: 'firekeep-cli',
        endpoint: world.base(bearerPath),
        path: `${bearerPath}/Patient`,
        method: 'GET',
        mode: 'bearer',
      });
      expect((await world.explain(answers[5] ?? fail())).actual).toContain('revoked');
      expect((await world.explain(answers[2] ?? fail())).actual).toContain(remote.issuer);
    });

    it('of another user beside a right password', async () => {
      const answer = await refused(
        { url: at(bothPath, await world.token('bob', bothPath)), headers: basic('alice') },
        {
          ...{ status: 401, check: 'same-user', code: 'ACCESS_INVALID_TOKEN' },
          challenge: both(invalidToken),
        },
      );
      expect(await world.explain(answer)).toMatchObject({
        expected: 'a token with sub "alice", the Basic user',
        actual: 'sub "bob"',
      });
    });

    it('of a client without a user beside a right password', async () => {
      await refused(
        { url: at(bothPath, await world.token({ clientId: 'loader' }, bothPath)), headers: basic('alice') },
        {
          ...{ status: 401, check: 'user-token', code: 'ACCESS_INVALID_TOKEN' },
          challenge: both(invalidToken),
        },
      );
    });

    it('at an endpoint whose OAuth client name dangles', async () => {
      const answer = await refused(
        { url: '/dangling/r4/Patient', headers: bearer(await world.token('alice', '/dangling/r4')) },
        {
          ...{ status: 401, check: 'token-issuer', code: 'ACCESS_INVALID_TOKEN' },
          challenge: bearerOnly('/dangling/r4', invalidToken),
        },
      );
      expect((await world.explain(answer)).expected).toContain('"Nobody"');
    });

    it('of the wrong issuer, key, audience or time at an endpoint that trusts another server', async () => {
      const aud = world.base('/remote/r4');
      const past = Math.floor(Date.now() / 1000) - 600;
      const call = (token: string): HttpCall => ({ url: '/remote/r4/Patient', headers: bearer(token) });
      const expectedThere = (check: string): Expected => ({
        ...expected(check),
        challenge: bearerOnly('/remote/r4', invalidToken),
      });
      expect((await world.call(call(remote.accessToken({ aud })))).statusCode).toBe(200);
      const forged = { ...signingKey('first'), kid: remote.key.kid };
      await refused(call(remote.accessToken({ aud }, {}, forged)), expectedThere('token-signature'));
      await refused(
        call(remote.accessToken({ aud, iss: 'https://evil.example' })),
        expectedThere('token-issuer'),
      );
      await refused(call(remote.accessToken({ aud: world.base(bearerPath) })), expectedThere('audience'));
      await refused(call(remote.accessToken({ aud, exp: past })), expectedThere('token-time'));
      await refused(call(remote.accessToken({ aud, sub: 'unheard-of' })), expectedThere('user-enabled'));
      await world.get(UsersService).update('bob', { enabled: false });
      await refused(call(remote.accessToken({ aud, sub: 'bob' })), expectedThere('user-enabled'));
      await world.get(UsersService).update('bob', { enabled: true });
      expect((await world.call(call(await world.token('alice', '/remote/r4')))).statusCode).not.toBe(200);
      const client = remote.accessToken({
        aud,
        sub: 'alice',
        client_id: 'alice',
        scope: 'system/*.rs user/*.rs',
      });
      const answer = await world.call(call(client));
      expect([answer.statusCode, answer.json().resourceType]).toEqual([200, 'Bundle']);
    });

    it('is 503, not 401, where the other server can not be asked', async () => {
      const broken = await AuthorizationServerDouble.start();
      broken.routes.set('/oauth2/jwks', (_request, response) => response.writeHead(500).end());
      await world.get(ServerDescriptionsService).save({ issuer: broken.issuer });
      const { issuer } = broken;
      await world.get(ClientConfigurationsService).create({ applicationName: 'Broken', issuer });
      const endpoint = { path: '/broken/r4', checkMode: 'bearer', oauthClientName: 'Broken' } as const;
      await world.get(EndpointsService).create(endpoint);
      const token = broken.accessToken({ aud: world.base('/broken/r4') });
      const answer = await world.call({ url: '/broken/r4/Patient', headers: bearer(token) });
      await broken.stop();
      expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '5']);
      expect(answer.headers['www-authenticate']).toBeUndefined();
      expect(answer.json()).toMatchObject({
        issue: [{ code: 'transient', details: { coding: [{ code: 'ACCESS_ISSUER_UNAVAILABLE' }] } }],
      });
      expect(answer.body).not.toContain(issuer);
      expect((await world.explain(answer)).status).toBe('unavailable');
    });

    it('answers 403 with the scope that would do to a token whose scope is too narrow', async () => {
      const token = await world.token({ username: 'alice', scope: 'user/Observation.rs' }, bearerPath);
      await refused(
        { url: `${bearerPath}/Patient`, headers: bearer(token) },
        {
          ...{ status: 403, check: 'scope', code: 'ACCESS_INSUFFICIENT_SCOPE' },
          challenge: bearerOnly(
            bearerPath,
            'error="insufficient_scope", error_description="What was granted does not allow search-type on Patient.", scope="user/Patient.s"',
          ),
        },
      );
    });
  });

  describe('in the other check modes', () => {
    it('is without a bearer challenge where no token is asked for', async () => {
      const challenge = 'Basic realm="Firekeep", charset="UTF-8"';
      await refused(
        { url: `${basicPath}/Patient` },
        { status: 401, check: 'basic-present', code: 'ACCESS_CREDENTIALS_REQUIRED', challenge },
      );
      await refused(
        { url: `${basicPath}/Patient`, headers: basic('alice', 'no') },
        { status: 401, check: 'basic-password', code: 'ACCESS_WRONG_CREDENTIALS', challenge },
      );
      expect((await world.call({ url: `${basicPath}/Patient`, headers: basic('alice') })).statusCode).toBe(
        200,
      );
    });

    it('comes at an open endpoint for what is brought and wrong', async () => {
      expect((await world.call(`${openPath}/Patient`)).statusCode).toBe(200);
      expect((await world.call({ url: `${openPath}/Patient`, headers: basic('alice') })).statusCode).toBe(
        200,
      );
      for (const headers of [basic('alice', 'no'), bearer('no-such-token-no-such-token')]) {
        expect((await world.call({ url: `${openPath}/Patient`, headers })).statusCode).toBe(401);
      }
      expect((await world.call(`${openPath}/Patient?access_token=x`)).statusCode).toBe(400);
    });
  });

  it('lets through what brings everything, and lets nobody keep an answer to a URL with a token', async () => {
    const token = await world.token('alice', bothPath);
    const answer = await world.call({ url: at(bothPath, token), headers: basic('alice') });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 0 });
    expect(answer.headers['cache-control']).toBe('private, no-store');
    expect(answer.body).not.toContain(token);
    const form = await world.call({
      method: 'POST',
      url: `${bothPath}/Patient/_search`,
      headers: { ...basic('alice'), 'content-type': 'application/x-www-form-urlencoded' },
      payload: `name=x&access_token=${token}`,
    });
    expect(form.statusCode).toBe(200);
    expect(form.body).not.toContain(token);
  });

  it('follows at once when the user, the client or the role goes', async () => {
    const users = world.get(UsersService);
    const clients = world.get(ClientsService);
    await users.create({ username: 'eve', password: 'eve-passphrase-9', roles: ['practitioner'] });
    world.secrets.add('eve-passphrase-9');
    const token = await world.token({ username: 'eve' }, bothPath);
    const headers = basic('eve', 'eve-passphrase-9');
    const bearerToken = await world.token({ username: 'eve' }, bearerPath);
    const statuses = async (): Promise<number[]> => [
      (await world.call({ url: at(bothPath, token), headers })).statusCode,
      (await world.call({ url: `${bearerPath}/Patient`, headers: bearer(bearerToken) })).statusCode,
      (await world.call({ url: `${basicPath}/Patient`, headers })).statusCode,
    ];
    expect(await statuses()).toEqual([200, 200, 200]);
    await users.update('eve', { roles: ['admin'] });
    expect(await statuses()).toEqual([403, 403, 403]);
    await users.update('eve', { roles: ['practitioner'] });
    expect(await statuses()).toEqual([200, 200, 200]);
    await users.update('eve', { enabled: false });
    expect(await statuses()).toEqual([401, 401, 401]);
    await users.update('eve', { enabled: true });

    const service = await world.token({ clientId: 'loader' }, bearerPath);
    const asLoader = { url: `${bearerPath}/Patient`, headers: bearer(service) };
    expect((await world.call(asLoader)).statusCode).toBe(200);
    await clients.update('loader', { enabled: false });
    expect((await world.call(asLoader)).statusCode).toBe(401);
    await clients.update('loader', { enabled: true });
  });
});

function fail(): never {
  throw new Error('There is no such answer.');
}
