import { EndpointsService } from '../../../../src/endpoints/index.js';
import { RESOURCE_STORE, type ResourceStore } from '../../../../src/fhir/index.js';
import type { HistoryVersion } from '../../../../src/fhir/storage/ports.js';
import { RolesService, UsersService, type RoleRule } from '../../../../src/users/index.js';
import type { TestDatabase } from '../../../kit/databases.js';
import type { HttpAnswer } from '../../../kit/http.js';
import { bearer, World } from '../application.js';
import type { Resource } from './resource.js';
import { keyOf } from './resource.js';
import { gone, resources } from './stored.js';
import { accounts, definedRole, ruleOf, scopeText, type Asker } from './subjects.js';
import type { Sent } from './wire.js';

const path = '/modelled/r4';
const repository = 'modelled';
const json = 'application/fhir+json';

/** One repository whose state is the same before every case. */
export class ModelWorld {
  private readonly originals = new Map(resources.map((resource) => [keyOf(resource), resource]));
  private readonly seen = new Set<string>();
  private since = 0;

  private constructor(
    private readonly world: World,
    private readonly loader: string,
  ) {}

  static async start(database: TestDatabase): Promise<ModelWorld> {
    const settings = { logLevel: 'silent', audit: [], validation: 'off' } as const;
    const world = await World.start(await database.create(), settings);
    await world.get(RolesService).create({ name: definedRole, rules: [] });
    for (const { account, roles, fhirUser } of accounts) {
      if (roles === null) continue;
      await world.get(UsersService).create({
        ...{ username: account, password: 'a long passphrase', roles: [...roles] },
        ...(fhirUser === null ? {} : { fhirUser }),
      });
    }
    await world.get(EndpointsService).create({ path, repository, checkMode: 'bearer' });
    const made = new ModelWorld(world, await world.token({ clientId: 'loader', ttl: 3600 }, path));
    await made.load([...resources, gone]);
    const answer = await made.send({ method: 'DELETE', url: keyOf(gone), headers: {} }, made.loader);
    expect(answer.statusCode).toBe(204);
    await made.versions();
    return made;
  }

  close(): Promise<void> {
    return this.world.close();
  }

  /** Gives the defined role the rules of the asker. */
  async admit({ defined }: Asker): Promise<void> {
    const rules = defined.map((rule) => ruleOf(rule) as RoleRule);
    await this.world.get(RolesService).update(definedRole, { rules });
  }

  token(asker: Asker): Promise<string> {
    const { account, kind, patient } = asker;
    const who = kind === 'client' ? { clientId: account } : { username: account };
    const context = patient === null ? {} : { patient };
    return this.world.token({ ...who, ...context, scope: scopeText(asker), ttl: 3600 }, path);
  }

  send({ method, url, headers, payload }: Sent, token: string): Promise<HttpAnswer> {
    return this.world.call({
      method,
      url: url === '' ? path : `${path}/${url.replaceAll('|', '%7C')}`,
      headers: { ...headers, ...bearer(token) },
      ...(payload === undefined ? {} : { payload }),
    });
  }

  /** All versions that were made since it was asked the last time, whoever made them. */
  async versions(): Promise<readonly HistoryVersion[]> {
    const store = this.world.app.get<ResourceStore>(RESOURCE_STORE, { strict: false });
    const page = await store.repositoryHistory(repository, { types: null, count: 200, since: this.since });
    const found = page.versions.filter(({ rid, version }) => !this.seen.has(`${rid} ${version}`));
    for (const { rid, version, lastUpdated } of page.versions) {
      this.seen.add(`${rid} ${version}`);
      this.since = Math.max(this.since, lastUpdated);
    }
    return found;
  }

  /** Makes everything as it was. */
  async restore(changed: readonly HistoryVersion[]): Promise<void> {
    if (changed.length === 0) return;
    const keys = [...new Set(changed.map(({ type, id }) => `${type}/${id}`))];
    const entry = keys.map((key) => {
      const resource = this.originals.get(key);
      return resource === undefined
        ? { request: { method: 'DELETE', url: key } }
        : { resource, request: { method: 'PUT', url: key } };
    });
    await this.transact(entry);
    await this.versions();
    // What entries of a Bundle are decided by was written before it came, by the clock.
    await new Promise((resolve) => setTimeout(resolve, 2));
  }

  private load(all: readonly Resource[]): Promise<void> {
    return this.transact(
      all.map((resource) => ({ resource, request: { method: 'PUT', url: keyOf(resource) } })),
    );
  }

  private async transact(entry: readonly object[]): Promise<void> {
    const payload = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry });
    const request = { method: 'POST', url: '', headers: { 'content-type': json }, payload };
    const answer = await this.send(request, this.loader);
    if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${answer.body}`);
  }
}
