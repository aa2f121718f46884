import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { EndpointRegistry } from '../../endpoints/index.js';
import { Database, isDuplicateKey, VersionedRows } from '../../platform/database/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { TrustSnapshot } from '../store/trust-snapshot.js';
import { ServerDescriptionEntity } from '../store/server-description.entity.js';
import { SetupQueue } from '../store/setup-queue.js';
import { TlsConfigurationEntity } from '../store/tls-configuration.entity.js';
import { ClientConfigurationEntity } from '../store/client-configuration.entity.js';
import { checkClientConfiguration } from './client-configuration.rule.js';
import { ClientConfigurationView } from './client-configuration.view.js';
import type {
  ClientConfiguration,
  ClientConfigurationChanges,
  ClientConfigurationInput,
  DanglingName,
  RemovedClientConfiguration,
} from './client-configuration.js';
import { RegistrationExchange } from './registration-exchange.js';
import { forgottenRegistration, RegistrationAnswers } from './registration-answers.store.js';

const rows = new VersionedRows({
  entity: ClientConfigurationEntity,
  named: ({ applicationName }) => `The client configuration "${applicationName}"`,
  mismatch: 'TRUST_VERSION_MISMATCH',
});

/** This server as a client of authorization servers: what is configured, and its registration there. */
@Injectable()
export class ClientConfigurationsService {
  constructor(
    private readonly database: Database,
    private readonly snapshot: TrustSnapshot,
    private readonly endpoints: EndpointRegistry,
    private readonly exchange: RegistrationExchange,
    private readonly store: RegistrationAnswers,
    private readonly queue: SetupQueue,
    private readonly view: ClientConfigurationView,
    @InjectRepository(ClientConfigurationEntity)
    private readonly repository: Repository<ClientConfigurationEntity>,
  ) {}

  /** By application name. */
  async list(): Promise<ClientConfiguration[]> {
    return this.view.of(await this.repository.find({ order: { applicationName: 'ASC' } }));
  }

  /** @throws FirekeepError 404 `TRUST_CLIENT_NOT_FOUND` */
  async get(applicationName: string): Promise<ClientConfiguration> {
    return this.describeOne(await this.entity(applicationName));
  }

  /** @throws FirekeepError 400 `TRUST_CLIENT_INVALID`, 409 `TRUST_CLIENT_EXISTS` */
  async create(input: ClientConfigurationInput): Promise<ClientConfiguration> {
    const now = Date.now();
    const fields = {
      applicationName: input.applicationName,
      clientName: input.clientName ?? input.applicationName,
      description: input.description ?? '',
      clientType: input.clientType ?? ('resource_server' as const),
    };
    checkClientConfiguration(fields);
    const entity: ClientConfigurationEntity = {
      ...fields,
      issuer: input.issuer,
      tlsName: input.tls ?? null,
      ...forgottenRegistration,
      version: 1,
      createdAt: now,
      updatedAt: now,
    };
    try {
      await this.database.write(async (manager) => {
        await requireReferences(manager, entity);
        await manager.insert(ClientConfigurationEntity, entity);
      });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      throw new FirekeepError(
        'conflict',
        'TRUST_CLIENT_EXISTS',
        `There is a client configuration "${input.applicationName}" already.`,
      );
    }
    await this.snapshot.refresh();
    return this.describeOne(entity);
  }

  /**
   * @param expectedVersion undefined: whatever is there is overwritten.
   * @throws FirekeepError 400 `TRUST_CLIENT_INVALID`, 404 `TRUST_CLIENT_NOT_FOUND`, 409 `TRUST_CLIENT_REGISTERED`
   * where the issuer of a registered one is to change, 412 `TRUST_VERSION_MISMATCH`
   */
  async update(
    applicationName: string,
    changes: ClientConfigurationChanges,
    expectedVersion?: number,
  ): Promise<ClientConfiguration> {
    const after = await this.database.write(async (manager) => {
      const before = await lock(manager, applicationName, expectedVersion);
      const entity: ClientConfigurationEntity = {
        ...before,
        clientName: changes.clientName ?? before.clientName,
        description: changes.description ?? before.description,
        tlsName: changes.tls === undefined ? before.tlsName : changes.tls,
        issuer: changes.issuer ?? before.issuer,
      };
      checkClientConfiguration(entity);
      if (entity.issuer !== before.issuer && before.clientId !== null) throw stillRegistered(before);
      await requireReferences(manager, entity);
      return rows.save(manager, before, entity);
    });
    await this.snapshot.refresh();
    return this.describeOne(after);
  }

  /**
   * Removes the configuration and, where the server lets it, the registration there (RFC 7592 section 2.3).
   *
   * @throws FirekeepError 404 `TRUST_CLIENT_NOT_FOUND`, 409 `TRUST_CLIENT_IN_USE` while an endpoint names it,
   * 412 `TRUST_VERSION_MISMATCH`
   */
  async remove(applicationName: string, expectedVersion?: number): Promise<RemovedClientConfiguration> {
    await this.endpoints.refresh();
    const naming = this.view.pathsOf(applicationName);
    if (naming.length > 0) {
      throw new FirekeepError(
        'conflict',
        'TRUST_CLIENT_IN_USE',
        `The endpoint ${naming.join(', ')} has "${applicationName}" as its OAuth client name. Change that first.`,
      );
    }
    const removed = await this.database.write(async (manager) => {
      const entity = await lock(manager, applicationName, expectedVersion);
      await manager.delete(ClientConfigurationEntity, { applicationName });
      return entity;
    });
    await this.queue.done('register', applicationName);
    await this.snapshot.refresh();
    return this.deregister(removed);
  }

  /**
   * What the one button does: registers where that has not happened yet, else gets the updated metadata.
   *
   * @throws as `register` and `updateMetadata`
   */
  async perform(applicationName: string, expectedVersion?: number): Promise<ClientConfiguration> {
    const entity = await this.entity(applicationName);
    return entity.clientId === null
      ? this.register(applicationName, expectedVersion)
      : this.updateMetadata(applicationName, expectedVersion);
  }

  /**
   * Dynamic Registration and Save (RFC 7591). The server is discovered first where that has not happened yet.
   *
   * @throws OutboundError by stage; FirekeepError 404 `TRUST_CLIENT_NOT_FOUND`, 409 `TRUST_CLIENT_REGISTERED`,
   * `TRUST_NO_REGISTRATION`, 412 `TRUST_VERSION_MISMATCH`
   */
  async register(applicationName: string, expectedVersion?: number): Promise<ClientConfiguration> {
    const entity = await this.entity(applicationName, expectedVersion);
    if (entity.clientId !== null) throw stillRegistered(entity);
    const sent = this.exchange.desired(entity);
    const registration = await this.exchange.register(entity);
    if (!(await this.store.saveFirst(entity, registration, sent))) {
      // Nobody keeps what it came with: left there it opens nothing, and the caller must hear of the other one.
      await this.exchange.discard(entity, registration).catch(() => undefined);
      throw stillRegistered(entity);
    }
    await this.queue.done('register', applicationName);
    return this.get(applicationName);
  }

  /**
   * Get Update Metadata and Save (RFC 7592 section 2.1).
   *
   * @throws OutboundError by stage; FirekeepError 409 `TRUST_NOT_REGISTERED`, `TRUST_NO_MANAGEMENT`,
   * `TRUST_REGISTRATION_GONE`, 412 `TRUST_VERSION_MISMATCH`
   */
  async updateMetadata(applicationName: string, expectedVersion?: number): Promise<ClientConfiguration> {
    const entity = await this.entity(applicationName, expectedVersion);
    await this.store.save(entity, await this.exchange.read(entity));
    return this.get(applicationName);
  }

  /**
   * Ends drift: sends this server's metadata (RFC 7592 section 2.2).
   *
   * @throws as `updateMetadata`
   */
  async pushMetadata(applicationName: string, expectedVersion?: number): Promise<ClientConfiguration> {
    const entity = await this.entity(applicationName, expectedVersion);
    const sent = this.exchange.desired(entity);
    await this.store.save(entity, await this.exchange.update(entity), sent);
    return this.get(applicationName);
  }

  /**
   * Drops client id and secret here, so that it can be registered anew; for a registration that is gone there.
   *
   * @throws FirekeepError 404 `TRUST_CLIENT_NOT_FOUND`, 412 `TRUST_VERSION_MISMATCH`
   */
  async forgetRegistration(applicationName: string, expectedVersion?: number): Promise<ClientConfiguration> {
    await this.database.write(async (manager) => {
      const before = await lock(manager, applicationName, expectedVersion);
      await rows.save(manager, before, forgottenRegistration);
    });
    await this.snapshot.refresh();
    return this.get(applicationName);
  }

  /**
   * Whether `apply` would take it, but for the issuer and TLS configuration that it names; nothing is written.
   *
   * @throws FirekeepError 400 `TRUST_CLIENT_INVALID`, 409 `TRUST_CLIENT_REGISTERED`
   */
  async check(input: ClientConfigurationInput): Promise<void> {
    checkClientConfiguration({
      applicationName: input.applicationName,
      clientName: input.clientName ?? input.applicationName,
      description: input.description ?? '',
      clientType: input.clientType ?? 'resource_server',
    });
    const present = await this.repository.findOneBy({ applicationName: input.applicationName });
    if (present !== null && present.clientId !== null && present.issuer !== input.issuer) {
      throw stillRegistered(present);
    }
  }

  /**
   * Sees to it that the configuration is there, and registers it in the background with retries; for the
   * bootstrap file.
   *
   * @throws FirekeepError 400 `TRUST_CLIENT_INVALID`, 409 `TRUST_CLIENT_REGISTERED`
   */
  async apply(input: ClientConfigurationInput): Promise<ClientConfiguration> {
    const { applicationName, clientType: _type, ...changes } = input;
    const present = await this.repository.findOneBy({ applicationName });
    if (present === null) {
      await this.create(input);
    } else if (
      present.issuer !== changes.issuer ||
      (changes.clientName ?? present.clientName) !== present.clientName ||
      (changes.description ?? present.description) !== present.description ||
      (changes.tls !== undefined && changes.tls !== present.tlsName)
    ) {
      await this.update(applicationName, changes);
    }
    if (present?.clientId == null) await this.queue.request('register', applicationName);
    return this.get(applicationName);
  }

  /** OAuth client names of endpoints that are no application name. */
  danglingNames(): DanglingName[] {
    return this.endpoints
      .all()
      .flatMap(({ path, oauthClientName }) =>
        oauthClientName === null || this.snapshot.application(oauthClientName) !== undefined
          ? []
          : [{ endpoint: path, oauthClientName }],
      );
  }

  private async deregister(entity: ClientConfigurationEntity): Promise<RemovedClientConfiguration> {
    if (entity.clientId === null) return { deregistered: false };
    try {
      await this.exchange.remove(entity);
      return { deregistered: true };
    } catch (error) {
      if (!(error instanceof FirekeepError)) throw error;
      return { deregistered: false, failure: error.message };
    }
  }

  private async entity(
    applicationName: string,
    expectedVersion?: number,
  ): Promise<ClientConfigurationEntity> {
    const entity = await this.repository.findOneBy({ applicationName });
    if (entity === null) throw notFound(applicationName);
    rows.check(entity, expectedVersion);
    return entity;
  }

  private async describeOne(entity: ClientConfigurationEntity): Promise<ClientConfiguration> {
    const [configuration] = await this.view.of([entity]);
    if (configuration === undefined) throw notFound(entity.applicationName);
    return configuration;
  }
}

/** @throws FirekeepError 400 with the field that names something that isn't there. */
async function requireReferences(manager: EntityManager, entity: ClientConfigurationEntity): Promise<void> {
  const { issuer, tlsName } = entity;
  if (!(await manager.existsBy(ServerDescriptionEntity, { issuer }))) {
    throw invalid('issuer', `There is no server description of ${issuer}. Discover and save it first.`);
  }
  if (tlsName !== null && !(await manager.existsBy(TlsConfigurationEntity, { name: tlsName }))) {
    throw invalid('tls', `There is no TLS configuration "${tlsName}".`);
  }
}

function invalid(field: string, message: string): FirekeepError {
  return new FirekeepError('invalid', 'TRUST_CLIENT_INVALID', message, {
    issues: [{ expression: field, message }],
  });
}

async function lock(
  manager: EntityManager,
  applicationName: string,
  expectedVersion: number | undefined,
): Promise<Pick<ClientConfigurationEntity, keyof ClientConfigurationEntity>> {
  const entity = await rows.find(manager, { applicationName }, expectedVersion);
  if (entity === undefined) throw notFound(applicationName);
  return entity;
}

function stillRegistered({ applicationName, issuer }: ClientConfigurationEntity): FirekeepError {
  return new FirekeepError(
    'conflict',
    'TRUST_CLIENT_REGISTERED',
    `"${applicationName}" is registered at ${issuer}. Forget that registration first, or get the updated metadata.`,
  );
}

function notFound(applicationName: string): FirekeepError {
  return new FirekeepError(
    'not-found',
    'TRUST_CLIENT_NOT_FOUND',
    `There is no client configuration "${applicationName}".`,
  );
}
