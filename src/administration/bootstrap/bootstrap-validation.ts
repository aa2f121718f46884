import type { ClientsService } from '../../clients/index.js';
import type { EndpointsService } from '../../endpoints/index.js';
import type { Database } from '../../platform/database/index.js';
import { FieldErrors, FirekeepError } from '../../platform/errors/index.js';
import type {
  ClientConfigurationsService,
  ServerDescriptionsService,
  TlsConfigurationsService,
} from '../../trust/index.js';
import { isBuiltInRole, kindOfName, type RolesService, type UsersService } from '../../users/index.js';
import type { BootstrapClient, BootstrapFile, BootstrapSection } from './bootstrap-file.js';
import { throwIfAny } from './read-bootstrap-file.js';

/** Members that the file knows by another name than the services. */
const nameInFile: Readonly<Record<string, string>> = { checkMode: 'checks' };

export interface BootstrapRules {
  readonly roles: Pick<RolesService, 'check' | 'list'>;
  readonly users: Pick<UsersService, 'check'>;
  readonly clients: Pick<ClientsService, 'check'>;
  readonly endpoints: Pick<EndpointsService, 'check'>;
  readonly tls: Pick<TlsConfigurationsService, 'check' | 'list'>;
  readonly servers: Pick<ServerDescriptionsService, 'check' | 'list'>;
  readonly configurations: Pick<ClientConfigurationsService, 'check'>;
  readonly database: Database;
}

/** Asks every rule about every entry before the first one is applied. */
export class BootstrapValidation {
  private readonly errors = new FieldErrors();

  constructor(private readonly rules: BootstrapRules) {}

  /** @throws FirekeepError 400 `BOOTSTRAP_INVALID` with the path of everything that is wrong */
  async check(file: BootstrapFile, name: string): Promise<void> {
    const { roles, users, clients, endpoints, tls, servers, configurations } = this.rules;
    await this.each(file, 'tlsConfigurations', (entry) => tls.check(entry));
    await this.each(file, 'serverDescriptions', (entry) => servers.check(entry));
    await this.each(file, 'clientConfigurations', (entry) => configurations.check(entry));
    await this.each(file, 'roles', (entry) => roles.check(entry));
    await this.each(file, 'users', async (entry, path) => {
      users.check(entry);
      const kind = await this.kindOf(entry.username, 'user', `${path}.username`);
      if (kind === undefined && entry.password === undefined) {
        this.errors.add(`${path}.password`, 'Is needed to create the user.');
      }
    });
    await this.each(file, 'clients', async (entry, path) => {
      await clients.check(entry);
      const kind = await this.kindOf(entry.clientId, 'client', `${path}.clientId`);
      if (kind === undefined && authenticatesBySecret(entry) && entry.clientSecret === undefined) {
        this.errors.add(
          `${path}.clientSecret`,
          'Is needed to create the client: a generated one would be lost.',
        );
      }
    });
    await this.each(file, 'endpoints', (entry) => endpoints.check(entry));
    this.checkNamesWithin(file);
    await this.checkRoles(file);
    await this.checkReferences(file);
    throwIfAny(this.errors, name);
  }

  private async each<S extends BootstrapSection>(
    file: BootstrapFile,
    section: S,
    check: (entry: BootstrapFile[S][number], path: string) => void | Promise<void>,
  ): Promise<void> {
    for (const [index, entry] of file[section].entries()) {
      const path = `${section}[${index}]`;
      try {
        await check(entry, path);
      } catch (error) {
        if (!(error instanceof FirekeepError) || error.status >= 500) throw error;
        if (error.issues.length === 0) this.errors.add(path, error.message);
        for (const { expression, message } of error.issues) {
          this.errors.add(
            expression === undefined ? path : `${path}.${nameInFile[expression] ?? expression}`,
            message,
          );
        }
      }
    }
  }

  private async kindOf(
    name: string,
    wanted: 'user' | 'client',
    path: string,
  ): Promise<'user' | 'client' | undefined> {
    const kind = await kindOfName(this.rules.database, name);
    if (kind !== undefined && kind !== wanted) {
      this.errors.add(path, `The name ${name} belongs, or once belonged, to a ${kind}.`);
    }
    return kind;
  }

  /** Names and paths that the file itself would give out twice. */
  private checkNamesWithin({ users, clients, endpoints }: BootstrapFile): void {
    const usernames = new Set(users.map(({ username }) => username));
    for (const [index, { clientId }] of clients.entries()) {
      if (usernames.has(clientId)) {
        this.errors.add(`clients[${index}].clientId`, `The name ${clientId} is that of a user.`);
      }
    }
    for (const [index, { path }] of endpoints.entries()) {
      const other = endpoints.find((one) => one.path !== path && path.startsWith(`${one.path}/`));
      if (other !== undefined) {
        this.errors.add(`endpoints[${index}].path`, `${path} overlaps the endpoint ${other.path}.`);
      }
    }
  }

  /** Roles of users are built in, in the file or stored already. */
  private async checkRoles({ users, roles }: BootstrapFile): Promise<void> {
    const named = users.flatMap(({ roles: own = [] }) => own).filter((role) => !isBuiltInRole(role));
    if (named.length === 0) return;
    const known = new Set([...(await this.rules.roles.list()), ...roles].map(({ name }) => name));
    for (const [index, { roles: own = [] }] of users.entries()) {
      const unknown = own.find((role) => !isBuiltInRole(role) && !known.has(role));
      if (unknown !== undefined) this.errors.add(`users[${index}].roles`, `There is no role ${unknown}.`);
    }
  }

  /** What an entry names is in the file or stored already. */
  private async checkReferences(file: BootstrapFile): Promise<void> {
    const named = file.serverDescriptions.length + file.clientConfigurations.length > 0;
    if (!named) return;
    const tls = new Set(
      [...(await this.rules.tls.list()), ...file.tlsConfigurations].map((entry) => entry.name),
    );
    const issuers = new Set(
      [...(await this.rules.servers.list()), ...file.serverDescriptions].map((entry) => entry.issuer),
    );
    for (const section of ['serverDescriptions', 'clientConfigurations'] as const) {
      for (const [index, entry] of file[section].entries()) {
        if (typeof entry.tls === 'string' && !tls.has(entry.tls)) {
          this.errors.add(`${section}[${index}].tls`, `There is no TLS configuration "${entry.tls}".`);
        }
      }
    }
    for (const [index, { issuer }] of file.clientConfigurations.entries()) {
      if (!issuers.has(issuer)) {
        this.errors.add(
          `clientConfigurations[${index}].issuer`,
          `There is no server description of ${issuer}.`,
        );
      }
    }
  }
}

function authenticatesBySecret({ tokenEndpointAuthMethod, clientType }: BootstrapClient): boolean {
  if (tokenEndpointAuthMethod === undefined) return clientType !== 'public';
  return tokenEndpointAuthMethod.startsWith('client_secret_');
}
