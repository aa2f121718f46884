import { setTimeout as sleep } from 'node:timers/promises';
import { databases } from '../kit/databases.js';
import { Management } from '../kit/management.js';
import { authorizationCode, authorize, Person, redeem, type TokenAnswer } from '../kit/person.js';
import { startServer, startServerAgain, type ServerProcess } from '../kit/server-process.js';

const password = 'a long walk to the harbour';
const redirectUri = 'http://localhost:9000/callback';
const parallel = 50;

/** MariaDB once more with two processes on one port. */
const servers = databases.flatMap((database) =>
  database.name === 'sqlite'
    ? [{ name: 'sqlite', database, workers: '1' }]
    : [
        { name: 'mysql', database, workers: '1' },
        { name: 'mysql with two processes', database, workers: '2' },
      ],
);

const times = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_none, index) => work(index)));

function counted(values: readonly number[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

describe.each(servers)('codes, tokens and sessions on $name', ({ database, workers }) => {
  let server: ServerProcess;
  let management: Management;
  const nora = new Person({ username: 'nora', password });
  const request = () => ({
    ...{ issuer: `${server.url}/oauth2`, clientId: 'ward-app', redirectUri, aud: `${server.url}/fhir/r4` },
    scope: 'openid offline_access user/*.rs',
  });
  const refresh = (refreshToken: string): Promise<Response> =>
    fetch(`${server.url}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        ...{ grant_type: 'refresh_token', client_id: 'ward-app' },
        refresh_token: refreshToken,
      }),
    });
  const read = async (token: string): Promise<number> => {
    const answer = await fetch(`${server.url}/fhir/r4/Patient?_count=1`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await answer.arrayBuffer();
    return answer.status;
  };
  const serviceToken = async (
    clientId: string,
    secret: string,
  ): Promise<{ status: number; token: string }> => {
    const answer = await fetch(`${server.url}/oauth2/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const { access_token: token = '' } = (await answer.json()) as { access_token?: string };
    return { status: answer.status, token };
  };
  const addService = async (clientId: string): Promise<string> => {
    const { clientSecret } = await management.call<{ clientSecret: string }>('POST', 'clients', {
      ...{ clientId, grantTypes: ['client_credentials'], scope: 'system/*.rs' },
      tokenEndpointAuthMethod: 'client_secret_basic',
    });
    return clientSecret;
  };
  /** The statuses by every process, once they are all this one, or after five seconds. */
  const readUntil = async (token: string, status: number): Promise<Record<number, number>> => {
    const end = Date.now() + 5000;
    for (;;) {
      const counts = counted(await times(20, () => read(token)));
      if (counts[status] === 20 || Date.now() > end) return counts;
      await sleep(200);
    }
  };

  beforeAll(async () => {
    server = await startServer(await database.create(), { FIREKEEP_WORKERS: workers });
    management = new Management(server.url, 'admin', server.administratorPassword());
    await management.call('POST', 'users', { username: 'nora', password, roles: ['practitioner'] });
    await management.call('POST', 'clients', {
      ...{ clientId: 'ward-app', tokenEndpointAuthMethod: 'none', redirectUris: [redirectUri] },
      ...{ grantTypes: ['authorization_code', 'refresh_token'], scope: 'openid offline_access user/*.rs' },
    });
  });

  afterAll(() => server?.stop());

  it(`of ${parallel} parallel redemptions of one code one wins, and the grant ends`, async () => {
    const { code, verifier } = await authorizationCode(request(), nora);
    const answers = await times(parallel, async () => {
      const answer = await redeem(request(), code, verifier);
      return { status: answer.status, body: (await answer.json()) as Partial<TokenAnswer> };
    });
    expect(counted(answers.map(({ status }) => status))).toEqual({ 200: 1, 400: parallel - 1 });
    const body = answers.find(({ status }) => status === 200)?.body ?? {};
    expect(await readUntil(body.access_token ?? '', 401)).toEqual({ 401: 20 });
    expect((await refresh(body.refresh_token ?? '')).status).toBe(400);
  });

  it(`of ${parallel} parallel uses of one refresh token one wins, and the family ends`, async () => {
    const tokens = await authorize(request(), nora);
    const answers = await times(parallel, async () => {
      const answer = await refresh(tokens.refresh_token ?? '');
      return { status: answer.status, body: (await answer.json()) as Partial<TokenAnswer> };
    });
    expect(counted(answers.map(({ status }) => status))).toEqual({ 200: 1, 400: parallel - 1 });
    const body = answers.find(({ status }) => status === 200)?.body ?? {};
    expect((await refresh(body.refresh_token ?? '')).status).toBe(400);
    for (const token of [tokens.access_token, body.access_token ?? '']) {
      expect(await readUntil(token, 401)).toEqual({ 401: 20 });
    }
  });

  it('every process takes a token and a client as soon as it is there, and no longer than it lives', async () => {
    const secret = await addService('loader');
    const issued = await times(20, () => serviceToken('loader', secret));
    expect(counted(issued.map(({ status }) => status))).toEqual({ 200: 20 });
    expect(counted(await times(20, (index) => read(issued[index]?.token ?? '')))).toEqual({ 200: 20 });
    const [{ token } = { token: '' }] = issued;
    expect(counted(await times(20, () => read(token)))).toEqual({ 200: 20 });
    await management.call('PATCH', 'clients/loader', { enabled: false }, { 'if-match': '*' });
    expect(await readUntil(token, 401)).toEqual({ 401: 20 });
    expect((await serviceToken('loader', secret)).status).toBe(401);
  });

  it('outlive a restart', async () => {
    const secret = await addService('archive');
    const service = await serviceToken('archive', secret);
    const tokens = await authorize(request(), nora);
    const { code, verifier } = await authorizationCode(request(), nora);
    const revoked = await authorize(request(), nora);
    await fetch(`${server.url}/oauth2/revocation`, {
      method: 'POST',
      body: new URLSearchParams({ token: revoked.refresh_token ?? '', client_id: 'ward-app' }),
    });
    await server.stop();
    server = await startServerAgain(server.environment);

    expect(await times(2, () => read(tokens.access_token))).toEqual([200, 200]);
    expect(await read(service.token)).toBe(200);
    expect((await serviceToken('archive', secret)).status).toBe(200);
    expect((await refresh(tokens.refresh_token ?? '')).status).toBe(200);
    expect((await redeem(request(), code, verifier)).status).toBe(200);
    expect((await refresh(revoked.refresh_token ?? '')).status).toBe(400);
    const shown = nora.pages.length;
    await authorizationCode(request(), nora);
    expect(nora.pages.slice(shown).filter((page) => page.includes('name="password"'))).toEqual([]);
  });
});
