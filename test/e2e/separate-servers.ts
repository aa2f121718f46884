import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestDatabase } from '../kit/databases.js';
import { HttpFront } from '../kit/http-front.js';
import { Management } from '../kit/management.js';
import { authorizationCode, Person, type TokenAnswer } from '../kit/person.js';
import { freePort, startServer, type ServerProcess } from '../kit/server-process.js';

export const password = 'a long walk to the harbour';
const redirectUri = 'http://localhost:9000/callback';
const loaderSecret = 'the secret of the loader';
export const category = 'http://terminology.hl7.org/CodeSystem/observation-category';

const people = [
  { username: 'alice', roles: ['practitioner'], fhirUser: 'Practitioner/alice' },
  { username: 'dora', roles: ['patient'], fhirUser: 'Patient/dora' },
];

const observation = (id: string, patient: string, code: string): { resourceType: string; id: string } => ({
  ...{ resourceType: 'Observation', id, status: 'final', code: { text: id } },
  ...{ category: [{ coding: [{ system: category, code }] }], subject: { reference: `Patient/${patient}` } },
});

const resources = [
  { resourceType: 'Practitioner', id: 'alice', name: [{ family: 'Moreau' }] },
  ...['anna', 'bruno', 'dora'].flatMap((id) => [
    { resourceType: 'Patient', id, name: [{ given: [id] }] },
    observation(`weight-of-${id}`, id, 'vital-signs'),
    observation(`glucose-of-${id}`, id, 'laboratory'),
  ]),
];

/** An authorization server and a resource server with data of three patients, each a process of its own. */
export class SeparateServers {
  private constructor(
    readonly front: HttpFront,
    readonly issuing: ServerProcess,
    readonly serving: ServerProcess,
    readonly there: Management,
  ) {}

  /** @param publishesKeys of the authorization server; without, the other one has to ask it about each token */
  static async start(database: TestDatabase, publishesKeys: boolean): Promise<SeparateServers> {
    const front = await HttpFront.open(publishesKeys ? undefined : 'jwks_uri');
    const issuing = await startServer(await database.create(), {
      FIREKEEP_ROLE: 'authorization-server',
      FIREKEEP_PUBLIC_URL: front.url,
    });
    front.leadTo(issuing.port);
    const there = new Management(front.url, 'admin', issuing.administratorPassword());
    for (const person of people) await there.call('POST', 'users', { ...person, password });
    await there.call('POST', 'clients', {
      ...{ clientId: 'ward-app', tokenEndpointAuthMethod: 'none', redirectUris: [redirectUri] },
      grantTypes: ['authorization_code', 'refresh_token'],
      scope: 'openid fhirUser launch launch/patient offline_access patient/*.cruds user/*.cruds',
    });
    await there.call('POST', 'clients', {
      ...{ clientId: 'loader', clientSecret: loaderSecret, grantTypes: ['client_credentials'] },
      ...{ tokenEndpointAuthMethod: 'client_secret_basic', scope: 'system/*.cruds' },
    });
    const port = await freePort();
    const { token } = await there.call<{ token: string }>('POST', 'initial-access-tokens', {
      registers: 'resource-servers',
      baseUrls: [`http://localhost:${port}`],
    });
    const serving = await startServer(await database.create(), {
      FIREKEEP_ROLE: 'resource-server',
      FIREKEEP_PORT: String(port),
      FIREKEEP_BOOTSTRAP_FILE: bootstrapFile(`${front.url}/oauth2`),
      PASSWORD: password,
      IAT: token,
    });
    const all = new SeparateServers(front, issuing, serving, there);
    try {
      await all.registered();
      for (const resource of resources) await all.load(resource);
    } catch (error) {
      await all.stop();
      throw error;
    }
    return all;
  }

  get issuer(): string {
    return `${this.front.url}/oauth2`;
  }

  get base(): string {
    return `${this.serving.url}/fhir/r4`;
  }

  /** The code flow for an app that an EHR started for alice with this patient, or that dora started by herself. */
  async tokens(scope: string, patient?: string, headers: Record<string, string> = {}): Promise<TokenAnswer> {
    const username = patient === undefined ? 'dora' : 'alice';
    const { launch } =
      patient === undefined
        ? { launch: undefined }
        : await this.there.call<{ launch: string }>('POST', 'launches', {
            ...{ username, clientId: 'ward-app', endpoint: this.base, patient },
          });
    const request = {
      ...{ issuer: this.issuer, clientId: 'ward-app', redirectUri, aud: this.base },
      scope: launch === undefined ? scope : `launch ${scope}`,
      ...(launch === undefined ? {} : { extra: { launch } }),
    };
    const { code, verifier } = await authorizationCode(request, new Person({ username, password }));
    const form = {
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: redirectUri,
    };
    return this.token(form, headers);
  }

  async token(form: Record<string, string>, headers: Record<string, string> = {}): Promise<TokenAnswer> {
    const answer = await this.ask('token', form, headers);
    const body = (await answer.json()) as TokenAnswer;
    if (answer.status !== 200) throw new Error(`${answer.status} ${JSON.stringify(body)}`);
    return body;
  }

  ask(
    endpoint: 'token' | 'revocation',
    form: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return fetch(`${this.issuer}/${endpoint}`, {
      method: 'POST',
      headers,
      body: new URLSearchParams({ client_id: 'ward-app', ...form }),
    });
  }

  /** Status of a read or search, and the ids in what it answers. */
  async read(
    path: string,
    token: string,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; ids: string[]; total?: number }> {
    const answer = await fetch(path.startsWith('http') ? path : `${this.base}/${path}`, {
      headers: { authorization: `Bearer ${token}`, ...headers },
    });
    const { entry, id, total } = (await answer.json()) as {
      readonly entry?: readonly { readonly resource: { readonly id: string } }[];
      readonly id?: string;
      readonly total?: number;
    };
    const ids = answer.ok
      ? (entry?.map(({ resource }) => resource.id) ?? (id === undefined ? [] : [id]))
      : [];
    return { status: answer.status, ids: ids.sort(), ...(total === undefined ? {} : { total }) };
  }

  async create(resource: object, token: string): Promise<number> {
    const { status } = await fetch(`${this.base}/Observation`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
      body: JSON.stringify(resource),
    });
    return status;
  }

  async stop(): Promise<void> {
    await Promise.all([this.issuing.stop(), this.serving.stop()]);
    this.front.close();
  }

  private async registered(): Promise<void> {
    const here = new Management(this.serving.url, 'admin', this.serving.administratorPassword());
    for (let attempt = 0; ; attempt += 1) {
      const { status } = await here.call('GET', 'client-configurations/FHIRResource');
      if (status === 'registered') return;
      if (attempt === 200) throw new Error(`The registration does not end: ${String(status)}`);
      await sleep(100);
    }
  }

  private async load(resource: { readonly resourceType: string; readonly id: string }): Promise<void> {
    const { access_token: token } = await this.token(
      { grant_type: 'client_credentials', resource: this.base, client_id: 'loader', client_secret: '' },
      {
        authorization: `Basic ${Buffer.from(`loader:${encodeURIComponent(loaderSecret)}`).toString('base64')}`,
      },
    );
    const { resourceType, id } = resource;
    const answer = await fetch(`${this.base}/${resourceType}/${id}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
      body: JSON.stringify(resource),
    });
    if (answer.status !== 201) throw new Error(`${id}: ${answer.status} ${await answer.text()}`);
  }
}

function bootstrapFile(issuer: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'firekeep-bootstrap-')), 'bootstrap.yaml');
  const users = people.map(
    ({ username, roles, fhirUser }) =>
      `  - { username: ${username}, password: "\${PASSWORD}", roles: [${roles.join()}], fhirUser: ${fhirUser} }`,
  );
  writeFileSync(
    file,
    `users:
${users.join('\n')}
serverDescriptions:
  - issuer: ${issuer}
    initialAccessToken: \${IAT}
clientConfigurations:
  - applicationName: FHIRResource
    issuer: ${issuer}
    clientType: resource_server
endpoints:
  - { path: /fhir/r4, repository: default, checks: bearer, oauthClientName: FHIRResource }
`,
  );
  return file;
}
