import { RolesService, UsersService, type RoleRule } from '../../../src/users/index.js';
import type { HttpAnswer } from '../../kit/http.js';
import type { TestResource } from './approved.js';
import { bearer, bearerPath, World } from './application.js';

export const of = (patient: string) => ({ reference: `Patient/${patient}` });
export const nora = { reference: 'Practitioner/nora' };

export interface Sent {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Patients 1 and 2, and people who write about them. */
export class WritingWorld {
  private count = 0;

  private constructor(
    readonly world: World,
    private readonly loader: string,
  ) {}

  static async start(database: string): Promise<WritingWorld> {
    const world = await World.start(database, { logLevel: 'silent' });
    const writing = new WritingWorld(world, await world.token({ clientId: 'loader' }, bearerPath));
    for (const id of ['1', '2']) await writing.store({ resourceType: 'Patient', id, gender: 'female' });
    return writing;
  }

  close(): Promise<void> {
    return this.world.close();
  }

  as(token: string, { method, url, body, headers }: Sent): Promise<HttpAnswer> {
    const patch = Array.isArray(body) ? 'application/json-patch+json' : 'application/fhir+json';
    return this.world.call({
      ...{ method, url: `${bearerPath}/${url}` },
      headers: { ...bearer(token), 'content-type': patch, ...headers },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
  }

  /** Puts a resource there, whoever may see it. */
  async store(resource: TestResource): Promise<void> {
    const { statusCode, body } = await this.as(this.loader, {
      ...{ method: 'PUT', url: `${resource.resourceType}/${resource.id}`, body: resource },
    });
    if (statusCode >= 300) throw new Error(body);
  }

  /** What is stored, whoever may see it; undefined: nothing. */
  async stored(url: string): Promise<Record<string, unknown> | undefined> {
    const answer = await this.as(this.loader, { method: 'GET', url });
    return answer.statusCode === 200 ? answer.json() : undefined;
  }

  async total(query: string): Promise<number> {
    const answer = await this.as(this.loader, { method: 'GET', url: `${query}&_summary=count` });
    return answer.json<{ total: number }>().total;
  }

  /** A token of an app that was launched for patient 1. */
  ofPatient1(scope = 'patient/*.cruds'): Promise<string> {
    return this.world.token({ username: 'alice', scope, patient: '1' }, bearerPath);
  }

  /** A token for everything of a user with a role of these rules. */
  async withRules(
    rules: readonly RoleRule[],
    fhirUser = 'Practitioner/nora',
    scope = 'user/*.cruds',
  ): Promise<string> {
    this.count += 1;
    const [username, role] = [`writer${this.count}`, `writer-${this.count}`];
    await this.world.get(RolesService).create({ name: role, rules });
    const password = 'a long passphrase';
    await this.world.get(UsersService).create({ username, password, roles: [role], fhirUser });
    return this.world.token({ username, scope }, bearerPath);
  }

  /** A token of a user with the built-in role patient, who is patient 1. */
  async asPatient1(): Promise<string> {
    this.count += 1;
    const username = `patient${this.count}`;
    const password = 'a long passphrase';
    await this.world
      .get(UsersService)
      .create({ username, password, roles: ['patient'], fhirUser: 'Patient/1' });
    return this.world.token({ username, scope: 'user/*.cruds' }, bearerPath);
  }
}

/** A JSON Patch, as a FHIRPath Patch in JSON. */
export const fhirPathPatch = (path: string, value: object): object => ({
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'replace' },
        { name: 'path', valueString: path },
        { name: 'value', ...value },
      ],
    },
  ],
});

export const bundleOf = (type: 'batch' | 'transaction', entries: readonly object[]): Sent => ({
  ...{ method: 'POST', url: '' },
  body: { resourceType: 'Bundle', type, entry: entries },
});

/** Statuses of the entries of a batch's answer. */
export const entryStatuses = (answer: HttpAnswer): number[] =>
  answer
    .json<{ entry: { response: { status: string } }[] }>()
    .entry.map(({ response }) => Number(response.status.slice(0, 3)));
