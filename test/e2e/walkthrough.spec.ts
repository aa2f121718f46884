import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { databases } from '../kit/databases.js';
import { Management } from '../kit/management.js';
import { authorize, Person, type AuthorizationRequest } from '../kit/person.js';
import { runFirekeep, startServer, startServerAgain, type ServerProcess } from '../kit/server-process.js';

const redirectUri = 'http://localhost:9000/callback';
const password = 'a long walk: to the harbour';
const basic = (username: string, secret: string): string =>
  `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`;
const examples = join(__dirname, '..', '..', 'examples');

interface Bundle {
  readonly resourceType: string;
  readonly type: string;
  readonly total?: number;
  readonly link: { readonly relation: string; readonly url: string }[];
  readonly entry?: { readonly resource: { readonly id: string; readonly resourceType: string } }[];
}

interface Outcome {
  readonly resourceType: string;
  readonly issue: { readonly diagnostics?: string }[];
}

describe.each(databases)('the walk-through on $name', (database) => {
  let server: ServerProcess;
  let management: Management;
  let door: string;
  let token: string;
  let refreshToken: string;
  let request: AuthorizationRequest;
  let lastRefusal: Record<string, unknown> = {};

  const patients = async (query = '', access = token): Promise<Response> =>
    fetch(`${door}/Patient?access_token=${access}${query}`, {
      headers: { authorization: basic('alice', password) },
    });

  const explain = async (answer: Response): Promise<Record<string, unknown>> => {
    const outcome = (await answer.json()) as Outcome;
    expect(outcome.resourceType).toBe('OperationOutcome');
    const reference = /explain ([a-z0-9]+)/.exec(outcome.issue[0]?.diagnostics ?? '')?.[1] ?? '';
    return management.call('GET', `refusals/${reference}`);
  };

  beforeAll(async () => {
    server = await startServer(await database.create());
    management = new Management(server.url, 'admin', server.administratorPassword());
    door = `${server.url}/csp/healthshare/fhirserver/fhir/r4`;
    request = {
      issuer: `${server.url}/oauth2`,
      clientId: 'ward-app',
      redirectUri,
      scope: 'openid offline_access user/*.cruds',
      aud: door,
    };
  });

  afterAll(() => server?.stop());

  it('puts the generated password into a file for the owner alone, and says where', () => {
    expect(statSync(join(server.directory, 'administrator-password')).mode & 0o777).toBe(0o600);
    expect(server.output()).toContain('administrator-password');
    expect(server.output()).not.toContain(server.administratorPassword());
  });

  it('names a user, and changes it only for who has seen the last version', async () => {
    await management.call('POST', 'users', { username: 'alice', password, roles: ['practitioner'] });
    const read = await management.request('GET', 'users/alice');
    const etag = read.headers.get('etag') ?? '';
    expect(etag).toMatch(/^W\/"\d+"$/);
    await management.call('PATCH', 'users/alice', { fhirUser: 'Practitioner/alice' }, { 'if-match': etag });
    const late = await management.request('PATCH', 'users/alice', { fhirUser: null }, { 'if-match': etag });
    expect(late.status).toBe(412);
    const blind = await management.request('PATCH', 'users/alice', { fhirUser: null });
    expect(blind.status).toBe(428);
  });

  it('refuses a malformed user field by field', async () => {
    const fieldsOf = async (body: object): Promise<string[]> => {
      const answer = await management.request('POST', 'users', body);
      expect(answer.status).toBe(400);
      return ((await answer.json()) as { errors: { field: string }[] }).errors
        .map(({ field }) => field)
        .sort();
    };
    expect(await fieldsOf({ username: 'bob', roles: 'king', colour: 'red' })).toEqual([
      'colour',
      'password',
      'roles',
    ]);
    expect(await fieldsOf({ username: 'a:b', password })).toEqual(['username']);
  });

  it('describes the authorization server by its issuer: discover, then save', async () => {
    const issuer = `${server.url}/oauth2`;
    const preview = await management.call('POST', 'server-descriptions/discover', { issuer });
    expect(preview).toMatchObject({
      issuer,
      existing: null,
      metadata: { token_endpoint: `${issuer}/token` },
    });
    const saved = await management.call('POST', 'server-descriptions', { issuer });
    expect(saved).toMatchObject({ issuer, own: true });
    expect(await management.call('POST', 'server-descriptions/discover', { issuer })).toMatchObject({
      existing: { id: saved.id },
      difference: [],
    });
  });

  it('says at which stage a discovery failed', async () => {
    const answer = await management.request('POST', 'server-descriptions/discover', {
      issuer: 'http://127.0.0.1:1/x',
    });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toMatch(/connect/i);
  });

  it('registers the repository there, and afterwards gets the updated metadata', async () => {
    await management.call('POST', 'client-configurations', {
      applicationName: 'FHIRResource',
      issuer: `${server.url}/oauth2`,
      clientName: 'FHIR repository',
      clientType: 'resource_server',
    });
    const before = await management.call('GET', 'client-configurations/FHIRResource');
    expect(before).toMatchObject({ status: 'not-registered', nextAction: 'Dynamic Registration and Save' });
    const perform = () =>
      management.call('POST', 'client-configurations/FHIRResource/perform', undefined, { 'if-match': '*' });
    expect(await perform()).toMatchObject({ nextAction: 'Get Update Metadata and Save' });
    expect(await perform()).toMatchObject({
      nextAction: 'Get Update Metadata and Save',
      status: 'registered',
    });
  });

  it('shows a dangling OAuth client name, and takes the name of the application', async () => {
    const path = 'endpoints/csp/healthshare/fhirserver/fhir/r4';
    const anyVersion = { 'if-match': '*' };
    expect(await management.call('PATCH', path, { oauthClientName: 'Nobody' }, anyVersion)).toMatchObject({
      dangling: true,
    });
    expect(await (await fetch(`${server.url}/`)).text()).toContain('Nobody');
    const named = await management.call('PATCH', path, { oauthClientName: 'FHIRResource' }, anyVersion);
    expect(named).toMatchObject({ dangling: false, checkMode: 'basic-and-bearer' });
  });

  it('shows the secret of a client once', async () => {
    await management.call('POST', 'clients', {
      clientId: 'ward-app',
      clientName: 'Ward app',
      tokenEndpointAuthMethod: 'none',
      redirectUris: [redirectUri],
      grantTypes: ['authorization_code', 'refresh_token'],
      scope: 'openid fhirUser offline_access user/*.cruds patient/*.rs',
    });
    const created = await management.call('POST', 'clients', {
      clientId: 'loader',
      tokenEndpointAuthMethod: 'client_secret_basic',
      grantTypes: ['client_credentials'],
      scope: 'system/*.cruds',
    });
    expect(created.clientSecret).toMatch(/^[\w-]{40,}$/);
    expect(JSON.stringify(await management.call('GET', 'clients/loader'))).not.toContain(
      created.clientSecret,
    );
  });

  it('gives a token by authorization code with PKCE, and a refresh token for offline access', async () => {
    const person = new Person({ username: 'alice', password });
    const answer = await authorize(request, person);
    token = answer.access_token;
    refreshToken = answer.refresh_token ?? '';
    expect(answer).toMatchObject({ token_type: 'Bearer' });
    expect(answer.scope.split(' ')).toEqual(
      expect.arrayContaining(['openid', 'offline_access', 'user/*.cruds']),
    );
    expect(person.pages.join()).not.toMatch(/<script/i);
  });

  it('answers Basic and token of the same user with an empty searchset', async () => {
    const answer = await patients();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toContain('no-store');
    const bundle = (await answer.json()) as Bundle;
    expect(bundle).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 0 });
    expect(JSON.stringify(bundle)).not.toContain(token);
  });

  it('loads a Bundle by plain POST, and files by the command line, going on where it stood', async () => {
    const bundle = readFileSync(join(examples, 'data', 'clinic.json'), 'utf8');
    const posted = await fetch(`${door}?access_token=${token}`, {
      method: 'POST',
      headers: { authorization: basic('alice', password), 'content-type': 'application/fhir+json' },
      body: bundle,
    });
    expect(posted.status).toBe(200);
    const folder = mkdtempSync(join(tmpdir(), 'firekeep-load-'));
    writeFileSync(join(folder, 'other.json.gz'), gzipSync(bundle.replaceAll('/patients', '/other-patients')));
    writeFileSync(join(folder, 'places.ndjson'), readFileSync(join(examples, 'data', 'locations.ndjson')));
    const load = () => runFirekeep(server.environment, ['load', folder, '--as', 'alice', '--json']);
    const first = await load();
    expect(first).toMatchObject({ code: 0 });
    expect(JSON.parse(first.stdout)).toMatchObject({ files: 2, resources: 29, failures: [] });
    expect(JSON.parse((await load()).stdout)).toMatchObject({ resources: 0, skipped: 2 });
  });

  it('pages through the patients, each once', async () => {
    const ids: string[] = [];
    let url: string | undefined = `${door}/Patient?_count=3`;
    while (url !== undefined) {
      const separator = url.includes('?') ? '&' : '?';
      const answer: Response = await fetch(`${url}${separator}access_token=${token}`, {
        headers: { authorization: basic('alice', password) },
      });
      const bundle = (await answer.json()) as Bundle;
      ids.push(...(bundle.entry ?? []).map(({ resource }) => resource.id));
      url = bundle.link.find(({ relation }) => relation === 'next')?.url;
      expect(url ?? '').not.toContain('access_token');
    }
    expect(ids).toHaveLength(10);
    expect(new Set(ids).size).toBe(10);
  });

  it('gives numbers back as they came in', async () => {
    const answer = await fetch(`${door}/Observation?access_token=${token}&code=http://loinc.org|29463-7`, {
      headers: { authorization: basic('alice', password) },
    });
    const text = await answer.text();
    for (const number of ['55.00', '61.50', '81.00']) expect(text).toContain(`"value":${number},`);
  });

  it('answers a bearer token at the other door, by a token of its own', async () => {
    const answer = await authorize(
      { ...request, aud: `${server.url}/fhir/r4` },
      new Person({ username: 'alice', password }),
    );
    const bearer = { authorization: `Bearer ${answer.access_token}` };
    const found = await fetch(`${server.url}/fhir/r4/Patient?birthdate=lt1960`, { headers: bearer });
    expect(found.status).toBe(200);
    expect(((await found.json()) as Bundle).entry).toHaveLength(4);
    const wrongDoor = await patients('', answer.access_token);
    expect(wrongDoor.status).toBe(401);
    expect(await explain(wrongDoor)).toMatchObject({ check: 'audience', expected: `aud ${door}` });
  });

  it('lets a patient/ scope reach the patient that was chosen, and nobody else', async () => {
    const answer = await authorize(
      { ...request, scope: 'openid patient/*.rs' },
      new Person({ username: 'alice', password, patientName: 'a' }),
    );
    expect(answer.patient).toMatch(/^[A-Za-z0-9\-.]{1,64}$/);
    const found = await patients('', answer.access_token);
    const { entry = [] } = (await found.json()) as Bundle;
    expect(entry.map(({ resource }) => resource.id)).toEqual([answer.patient]);
  });

  it.each<[string, () => Promise<Response>, number, string]>([
    ['no credentials', () => fetch(`${door}/Patient`), 401, 'basic-present'],
    [
      'Basic only',
      () => fetch(`${door}/Patient`, { headers: { authorization: basic('alice', password) } }),
      401,
      'token-present',
    ],
    ['a token only', () => fetch(`${door}/Patient?access_token=${token}`), 401, 'basic-present'],
    [
      'a wrong password',
      () =>
        fetch(`${door}/Patient?access_token=${token}`, {
          headers: { authorization: basic('alice', 'wrong') },
        }),
      401,
      'basic-password',
    ],
    [
      "another user's token",
      () =>
        fetch(`${door}/Patient?access_token=${token}`, {
          headers: { authorization: basic('admin', server.administratorPassword()) },
        }),
      401,
      'same-user',
    ],
    ['a tampered token', () => patients('', `${token.slice(0, -2)}xx`), 401, 'token-active'],
    ['an empty access_token', () => patients('', ''), 400, 'credentials-form'],
    ['access_token twice', () => patients(`&access_token=${token}`), 400, 'credentials-form'],
    [
      'a token in two places',
      () => fetch(`${door}/Patient?access_token=${token}`, { headers: { authorization: `Bearer ${token}` } }),
      400,
      'credentials-form',
    ],
  ])('refuses %s and can say why', async (_name, send, status, check) => {
    const answer = await send();
    expect(answer.status).toBe(status);
    const challenge = answer.headers.get('www-authenticate') ?? '';
    expect(challenge).toContain('Basic realm=');
    expect(challenge).toContain(
      `resource_metadata="${server.url}/.well-known/oauth-protected-resource/csp/healthshare/fhirserver/fhir/r4"`,
    );
    const text = await answer.clone().text();
    expect(text).not.toContain(token);
    const refusal = await explain(answer);
    expect(refusal).toMatchObject({ check, expected: expect.any(String), actual: expect.any(String) });
    expect(JSON.stringify(refusal)).not.toContain(token);
    lastRefusal = refusal;
  });

  it('explains a refusal on the command line too', async () => {
    const told = await runFirekeep(server.environment, ['explain', String(lastRefusal.reference)]);
    expect(told.stdout).toContain(String(lastRefusal.remedy));
    const unknown = await runFirekeep(server.environment, ['explain', 'aaaaaaaaaaaaaaaa']);
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
  });

  it('renews with the refresh token, and refuses what was revoked, with all that was approved with it, at once', async () => {
    const renew = (value: string): Promise<Response> =>
      fetch(`${server.url}/oauth2/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'refresh_token',
          refresh_token: value,
          client_id: 'ward-app',
        }),
      });
    const renewed = (await (await renew(refreshToken)).json()) as {
      access_token: string;
      refresh_token: string;
    };
    expect((await patients('', renewed.access_token)).status).toBe(200);
    const revoked = await fetch(`${server.url}/oauth2/revocation`, {
      method: 'POST',
      body: new URLSearchParams({ token: renewed.access_token, client_id: 'ward-app' }),
    });
    expect(revoked.status).toBe(200);
    const answer = await patients('', renewed.access_token);
    expect(answer.status).toBe(401);
    expect(await explain(answer)).toMatchObject({ check: 'token-active' });
    expect((await renew(renewed.refresh_token)).status).toBe(400);
    expect((await patients()).status).toBe(401);
  });

  it('takes a token that the command line made, for a user and for a client', async () => {
    for (const name of ['alice', 'loader']) {
      const made = await runFirekeep(server.environment, ['token', name]);
      const bearer = { authorization: `Bearer ${made.stdout.trim()}` };
      expect((await fetch(`${server.url}/fhir/r4/Patient?_count=1`, { headers: bearer })).status).toBe(200);
    }
  });

  it('finishes what it accepted when it is told to stop, and goes on with everything after a restart', async () => {
    token = (await authorize(request, new Person({ username: 'alice', password }))).access_token;
    const late = patients('&_count=5');
    // The request must have left this process; an answer that is never read keeps its connection.
    await new Promise((resolve) => setTimeout(resolve, 20));
    const code = await server.stop();
    expect({ code, log: code === 0 ? '' : server.output().slice(-3000) }).toEqual({ code: 0, log: '' });
    expect((await late).status).toBe(200);
    server = await startServerAgain(server.environment);
    expect((await patients()).status).toBe(200);
    expect(server.output()).not.toContain(token);
    expect(server.output()).not.toContain(password);
  });
});
