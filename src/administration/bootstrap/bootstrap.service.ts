import { Injectable } from '@nestjs/common';
import { EndpointsService, type EndpointInput } from '../../endpoints/index.js';
import { ClientsService, withoutSlash } from '../../clients/index.js';
import { environmentVariable, Settings } from '../../platform/config/index.js';
import { Database } from '../../platform/database/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { Logger } from '../../platform/logging/index.js';
import {
  ClientConfigurationsService,
  ServerDescriptionsService,
  TlsConfigurationsService,
} from '../../trust/index.js';
import { kindOfName, RolesService, UsersService, type RoleInput } from '../../users/index.js';
import { AdministrationEvents } from '../http/administration-events.js';
import type { BootstrapClient, BootstrapFile, BootstrapUser } from './bootstrap-file.js';
import { BootstrapValidation } from './bootstrap-validation.js';
import { changesAgainst } from './changes-against.js';
import { readBootstrapFile } from './read-bootstrap-file.js';

type Outcome = 'created' | 'changed' | 'unchanged' | 'skipped';

/**
 * Configuration as code: makes what the bootstrap file names what the file says, by name, at every start. What it
 * doesn't name is left alone; passwords and secrets are taken when the thing is created, and not afterwards.
 */
@Injectable()
export class BootstrapService {
  constructor(
    private readonly settings: Settings,
    private readonly database: Database,
    private readonly roles: RolesService,
    private readonly users: UsersService,
    private readonly clients: ClientsService,
    private readonly endpoints: EndpointsService,
    private readonly tls: TlsConfigurationsService,
    private readonly servers: ServerDescriptionsService,
    private readonly configurations: ClientConfigurationsService,
    private readonly events: AdministrationEvents,
    private readonly logger: Logger,
  ) {}

  /**
   * Applies the file that FIREKEEP_BOOTSTRAP_FILE names, if it names one. It is validated whole before anything is
   * written. Other servers are discovered and registered with in the background: that never holds up the start.
   *
   * @throws FirekeepError 400 `BOOTSTRAP_UNREADABLE`, `BOOTSTRAP_INVALID` with the path of everything that is wrong
   */
  async apply(): Promise<void> {
    const path = this.settings.get('bootstrapFile');
    if (path === undefined) return;
    const file = readBootstrapFile(path, environmentVariable);
    const { roles, users, clients, endpoints, tls, servers, configurations, database } = this;
    await new BootstrapValidation({
      roles,
      users,
      clients,
      endpoints,
      tls,
      servers,
      configurations,
      database,
    }).check(file, path);
    const outcomes = await this.applyAll(file, path);
    const count = (outcome: Outcome): number => outcomes.filter((one) => one === outcome).length;
    this.logger.info('bootstrap file applied', {
      file: path,
      created: count('created'),
      changed: count('changed'),
      unchanged: count('unchanged'),
      skipped: count('skipped'),
    });
  }

  private async applyAll(file: BootstrapFile, path: string): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    const done = (object: string, outcome: Outcome): void => {
      outcomes.push(outcome);
      const method = methods[outcome];
      if (method !== undefined) this.events.changedBy(`the bootstrap file ${path}`, method, object);
    };
    for (const entry of file.tlsConfigurations) {
      const present = (await this.tls.list()).find(({ name }) => name === entry.name);
      done(`tls-configurations/${entry.name}`, outcomeOf(present, await this.tls.apply(entry)));
    }
    for (const entry of file.serverDescriptions) {
      const present = (await this.servers.list()).find(({ issuer }) => issuer === entry.issuer);
      const description = await this.servers.apply(entry);
      done(`server-descriptions/${description.id}`, outcomeOf(present, description));
    }
    for (const entry of file.clientConfigurations) {
      const { applicationName: name } = entry;
      const present = (await this.configurations.list()).find(
        ({ applicationName }) => applicationName === name,
      );
      done(`client-configurations/${name}`, outcomeOf(present, await this.configurations.apply(entry)));
    }
    for (const entry of file.roles) done(`roles/${entry.name}`, await this.role(entry));
    for (const entry of file.users) done(`users/${entry.username}`, await this.user(entry));
    for (const entry of file.clients) done(`clients/${entry.clientId}`, await this.client(entry));
    for (const entry of file.endpoints) done(`endpoints${entry.path}`, await this.endpoint(entry));
    return outcomes;
  }

  private async role({ name, ...wanted }: RoleInput): Promise<Outcome> {
    const present = await absentAsUndefined(this.roles.get(name));
    if (present === undefined) {
      try {
        await this.roles.create({ name, ...wanted });
        return 'created';
      } catch (error) {
        // Another process may be as far.
        if (error instanceof FirekeepError && error.code === 'ROLES_NAME_TAKEN') return 'unchanged';
        throw error;
      }
    }
    const changes = changesAgainst(present, wanted);
    if (changes === undefined) return 'unchanged';
    await this.roles.update(name, changes);
    return 'changed';
  }

  private async user({ username, password = '', ...wanted }: BootstrapUser): Promise<Outcome> {
    const present = await absentAsUndefined(this.users.get(username));
    if (present === undefined) {
      return this.create('user', username, () => this.users.create({ username, password, ...wanted }));
    }
    const changes = changesAgainst(present, wanted);
    if (changes === undefined) return 'unchanged';
    await this.users.update(username, changes);
    return 'changed';
  }

  private async client({ clientId, clientSecret, ...wanted }: BootstrapClient): Promise<Outcome> {
    const present = await absentAsUndefined(this.clients.get(clientId));
    if (present === undefined) {
      const secret = clientSecret === undefined ? {} : { clientSecret };
      return this.create('client', clientId, () => this.clients.create({ clientId, ...secret, ...wanted }));
    }
    const { clientType: _fixed, resource, ...changeable } = wanted;
    const changes = changesAgainst(present, {
      ...changeable,
      // Kept without a slash at the end.
      ...(resource === undefined ? {} : { resource: resource.map(withoutSlash) }),
    });
    if (changes === undefined) return 'unchanged';
    const { redirectUris } = changeable;
    // What the file names beside it is approved by that, whether it is there already or not.
    const approved = changes.firstParty === true && redirectUris !== undefined ? { redirectUris } : {};
    await this.clients.update(clientId, { ...changes, ...approved });
    return 'changed';
  }

  private async endpoint({ path, ...wanted }: EndpointInput): Promise<Outcome> {
    const present = await absentAsUndefined(this.endpoints.get(path));
    if (present === undefined) {
      await this.endpoints.create({ path, ...wanted });
      return 'created';
    }
    const changes = changesAgainst(present, wanted);
    if (changes === undefined) return 'unchanged';
    await this.endpoints.update(path, changes);
    return 'changed';
  }

  /** What was deleted stays deleted, since its name is never given out again; another process may be as far. */
  private async create(
    kind: 'user' | 'client',
    name: string,
    work: () => Promise<unknown>,
  ): Promise<Outcome> {
    if ((await kindOfName(this.database, name)) === kind) {
      this.logger.warn(`the bootstrap file names a ${kind} that was deleted; it stays deleted`, { name });
      return 'skipped';
    }
    try {
      await work();
      return 'created';
    } catch (error) {
      if (error instanceof FirekeepError && error.code === 'NAME_TAKEN') return 'unchanged';
      throw error;
    }
  }
}

/** As the management API would have been asked. */
const methods: Readonly<Partial<Record<Outcome, string>>> = { created: 'POST', changed: 'PATCH' };

interface Versioned {
  readonly version: number;
}

function outcomeOf(before: Versioned | undefined, after: Versioned): Outcome {
  if (before === undefined) return 'created';
  return before.version === after.version ? 'unchanged' : 'changed';
}

async function absentAsUndefined<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof FirekeepError && error.category === 'not-found') return undefined;
    throw error;
  }
}
