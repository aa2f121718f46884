import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databases } from '../kit/databases.js';
import { Management } from '../kit/management.js';
import { authorize, Person } from '../kit/person.js';
import { freePort, startServer, type ServerProcess } from '../kit/server-process.js';
import { eventually } from '../kit/until.js';

const password = 'a long walk to the harbour';
const redirectUri = 'http://localhost:9000/callback';
const basic = `Basic ${Buffer.from(`alice:${password}`).toString('base64')}`;

describe.each(databases)('authorization server and resource server apart on $name', (database) => {
  let issuing: ServerProcess;
  let serving: ServerProcess;
  let there: Management;
  let here: Management;
  const doors = (): string[] => [
    `${serving.url}/fhir/r4`,
    `${serving.url}/csp/healthshare/fhirserver/fhir/r4`,
  ];
  const tokenFor = async (aud: string, scope = 'openid user/*.cruds') =>
    (
      await authorize(
        { issuer: `${issuing.url}/oauth2`, clientId: 'ward-app', redirectUri, scope, aud },
        new Person({ username: 'alice', password }),
      )
    ).access_token;

  beforeAll(async () => {
    issuing = await startServer(await database.createEmpty(), { FIREKEEP_ROLE: 'authorization-server' });
    there = new Management(issuing.url, 'admin', issuing.administratorPassword());
    await there.call('POST', 'users', { username: 'alice', password, roles: ['practitioner'] });
    await there.call('POST', 'clients', {
      clientId: 'ward-app',
      tokenEndpointAuthMethod: 'none',
      redirectUris: [redirectUri],
      grantTypes: ['authorization_code', 'refresh_token'],
      scope: 'openid user/*.cruds',
    });
    const port = await freePort();
    const { token } = await there.call<{ token: string }>('POST', 'initial-access-tokens', {
      registers: 'resource-servers',
      baseUrls: [`http://localhost:${port}`],
    });
    const file = join(mkdtempSync(join(tmpdir(), 'firekeep-bootstrap-')), 'bootstrap.yaml');
    writeFileSync(
      file,
      `
users:
  - username: alice
    password: \${ALICE_PASSWORD}
    roles: [practitioner]
serverDescriptions:
  - issuer: ${issuing.url}/oauth2
    initialAccessToken: \${IAT}
clientConfigurations:
  - applicationName: FHIRResource
    issuer: ${issuing.url}/oauth2
    clientType: resource_server
endpoints:
  - path: /fhir/r4
    repository: default
    checks: bearer
    oauthClientName: FHIRResource
  - path: /csp/healthshare/fhirserver/fhir/r4
    repository: default
    checks: basic-and-bearer
    oauthClientName: FHIRResource
`,
    );
    serving = await startServer(await database.create(), {
      FIREKEEP_ROLE: 'resource-server',
      FIREKEEP_PORT: String(port),
      FIREKEEP_BOOTSTRAP_FILE: file,
      ALICE_PASSWORD: password,
      IAT: token,
    });
    here = new Management(serving.url, 'admin', serving.administratorPassword());
  });

  afterAll(() => Promise.all([issuing?.stop(), serving?.stop()]));

  it('registers by the bootstrap file, in the background, without a click', async () => {
    const configuration = await eventually(
      'what the other server knows',
      () => here.call('GET', 'client-configurations/FHIRResource'),
      ({ status }) => status === 'registered',
    );
    expect(configuration).toMatchObject({
      status: 'registered',
      nextAction: 'Get Update Metadata and Save',
      drift: [],
    });
    const registered = await there.call('GET', `clients/${String(configuration.clientId)}`);
    expect(registered).toMatchObject({ clientType: 'resource_server', dynamicallyRegistered: true });
    expect([...(registered.resource as string[])].sort()).toEqual(doors().sort());
  });

  it('serves no FHIR at the one, and no authorization at the other', async () => {
    expect((await fetch(`${issuing.url}/fhir/r4/metadata`)).status).toBe(404);
    expect((await fetch(`${serving.url}/oauth2/.well-known/openid-configuration`)).status).toBe(404);
    expect((await fetch(`${serving.url}/oauth2/authorize`)).status).toBe(404);
  });

  it('names the trusted issuer in the documents of the endpoint', async () => {
    const resource = await fetch(`${serving.url}/.well-known/oauth-protected-resource/fhir/r4`);
    expect(await resource.json()).toMatchObject({ authorization_servers: [`${issuing.url}/oauth2`] });
    const smart = await fetch(`${serving.url}/fhir/r4/.well-known/smart-configuration`);
    const document = (await smart.json()) as { capabilities: string[] };
    expect(document).toMatchObject({
      issuer: `${issuing.url}/oauth2`,
      token_endpoint: `${issuing.url}/oauth2/token`,
      capabilities: expect.arrayContaining(['launch-ehr', 'context-ehr-patient', 'permission-patient']),
    });
    expect(document.capabilities).not.toContain('context-standalone-patient');
  });

  it("takes the issuer's JWT at both doors, each with its own audience", async () => {
    const [bearerDoor = '', bothDoor = ''] = doors();
    const bearer = await tokenFor(bearerDoor);
    expect(bearer.split('.')).toHaveLength(3);
    const read = await fetch(`${bearerDoor}/Patient`, { headers: { authorization: `Bearer ${bearer}` } });
    expect({ status: read.status, body: await read.json() }).toMatchObject({
      status: 200,
      body: { total: 0 },
    });
    const both = await tokenFor(bothDoor);
    const url = (token: string) => `${bothDoor}/Patient?access_token=${token}`;
    expect((await fetch(url(both), { headers: { authorization: basic } })).status).toBe(200);
    expect((await fetch(url(bearer), { headers: { authorization: basic } })).status).toBe(401);
  });

  it.each<[string, (token: string) => string]>([
    [
      'a changed payload',
      (token) => {
        const [head = '', payload = '', signature = ''] = token.split('.');
        const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
        const changed = Buffer.from(JSON.stringify({ ...claims, sub: 'admin' })).toString('base64url');
        return [head, changed, signature].join('.');
      },
    ],
    [
      'alg none',
      (token) =>
        `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${token.split('.')[1] ?? ''}.`,
    ],
    ['another text', () => 'not-a-token-of-anyone'],
  ])('refuses %s', async (_name, change) => {
    const [door = ''] = doors();
    const token = change(await tokenFor(door));
    const answer = await fetch(`${door}/Patient`, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('answers 403 for what the role here does not allow, whatever the issuer approved', async () => {
    await here.call('PATCH', 'users/alice', { roles: ['service'] }, { 'if-match': '*' });
    const [door = ''] = doors();
    const answer = await fetch(`${door}/Patient`, {
      headers: { authorization: `Bearer ${await tokenFor(door)}` },
    });
    expect(answer.status).toBe(403);
  });

  it('keeps the secret of the registration out of the database in clear and out of the log', () => {
    expect(serving.output()).not.toMatch(/client_secret|registration_access_token/);
  });
});
