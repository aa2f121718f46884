import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { SecretBox } from '../../platform/crypto/index.js';
import { Database, isDuplicateKey, VersionedRows } from '../../platform/database/index.js';
import { FieldErrors, FirekeepError } from '../../platform/errors/index.js';
import { ClientConfigurationEntity } from '../store/client-configuration.entity.js';
import { isReferenceError } from '../store/reference-error.js';
import { TrustSnapshot } from '../store/trust-snapshot.js';
import type { TlsMaterial } from '../outbound/tls-material.js';
import { OwnIssuer } from '../own-issuer/own-issuer.js';
import type { SetupFailure } from '../store/setup-failure.js';
import { SetupQueue } from '../store/setup-queue.js';
import { TlsConfigurationEntity } from '../store/tls-configuration.entity.js';
import { IssuerDiscovery } from './issuer-discovery.service.js';
import { metadataDifference } from './metadata-difference.js';
import { issuerUrl } from './metadata.rule.js';
import { initialAccessTokenPurpose, ServerDescriptionEntity } from '../store/server-description.entity.js';
import type {
  DiscoveryPreview,
  ServerDescription,
  ServerDescriptionChanges,
  ServerDescriptionInput,
} from './server-description.js';
import type { ServerMetadata } from '../store/server-metadata.js';

const rows = new VersionedRows({
  entity: ServerDescriptionEntity,
  named: ({ issuer }) => `The description of ${issuer}`,
  mismatch: 'TRUST_VERSION_MISMATCH',
});

/** Authorization servers: discover what they say of themselves, and keep it. */
@Injectable()
export class ServerDescriptionsService {
  constructor(
    private readonly database: Database,
    private readonly secretBox: SecretBox,
    private readonly snapshot: TrustSnapshot,
    private readonly discovery: IssuerDiscovery,
    private readonly queue: SetupQueue,
    private readonly own: OwnIssuer,
    @InjectRepository(ServerDescriptionEntity)
    private readonly repository: Repository<ServerDescriptionEntity>,
    @InjectRepository(ClientConfigurationEntity)
    private readonly clients: Repository<ClientConfigurationEntity>,
  ) {}

  /** By issuer. */
  async list(): Promise<ServerDescription[]> {
    const entities = await this.repository.find({ order: { issuer: 'ASC' } });
    return this.describe(entities);
  }

  /** @throws FirekeepError 404 `TRUST_SERVER_NOT_FOUND` */
  async get(id: number): Promise<ServerDescription> {
    const entity = await this.repository.findOneBy({ id });
    if (entity === null) throw notFound(String(id));
    return this.describeOne(entity);
  }

  async findByIssuer(issuer: string): Promise<ServerDescription | undefined> {
    const entity = await this.repository.findOneBy({ issuer });
    return entity === null ? undefined : this.describeOne(entity);
  }

  /**
   * Reads the metadata of an issuer and shows them, with the difference to what is stored. Stores nothing.
   *
   * @param tls name of a TLS configuration; null: the defaults; undefined: that of the stored description.
   * @throws OutboundError by stage; FirekeepError 400 `TRUST_SERVER_INVALID`
   */
  async discover(issuer: string, tls?: string | null): Promise<DiscoveryPreview> {
    const existing = await this.repository.findOneBy({ issuer });
    const name = tls === undefined ? (existing?.tlsName ?? null) : tls;
    const found = await this.discovery.discover(issuer, await this.materialOf(name));
    return {
      issuer,
      tls: name,
      ...found,
      existing: existing === null ? null : { id: existing.id, version: existing.version },
      difference:
        existing?.metadata == null ? [] : metadataDifference(parse(existing.metadata), found.metadata),
    };
  }

  /**
   * Discovers and stores: a new description, or the one of this issuer brought up to date.
   *
   * @throws OutboundError by stage; FirekeepError 400 `TRUST_SERVER_INVALID`, 409 `TRUST_METADATA_MOVED` where
   * the server no longer says what the preview showed, 404 or 412 where `expectedVersion` is given and is not there
   */
  async save(input: ServerDescriptionInput, expectedVersion?: number): Promise<ServerDescription> {
    checkInput(input);
    const preview = await this.discover(input.issuer, input.tls);
    if (input.digest !== undefined && input.digest !== preview.digest) {
      throw new FirekeepError(
        'conflict',
        'TRUST_METADATA_MOVED',
        'The server says something else now than the preview showed. Discover again and look at it.',
      );
    }
    const entity = await this.store(input, preview, expectedVersion);
    await this.queue.done('discover', input.issuer);
    await this.snapshot.refresh();
    return this.describeOne(entity);
  }

  /**
   * Changes what the administrator entered; the metadata stay.
   *
   * @throws FirekeepError 400 `TRUST_SERVER_INVALID`, 404 `TRUST_SERVER_NOT_FOUND`, 412 `TRUST_VERSION_MISMATCH`
   */
  async update(
    id: number,
    changes: ServerDescriptionChanges,
    expectedVersion?: number,
  ): Promise<ServerDescription> {
    checkInput(changes);
    const entity = await this.database.write(async (manager) => {
      const before = await lock(manager, { id }, expectedVersion);
      return this.overwrite(manager, before, changes);
    });
    await this.snapshot.refresh();
    return this.describeOne(entity);
  }

  /** @throws FirekeepError 404 `TRUST_SERVER_NOT_FOUND`, 409 `TRUST_SERVER_IN_USE`, 412 `TRUST_VERSION_MISMATCH` */
  async remove(id: number, expectedVersion?: number): Promise<void> {
    let issuer = '';
    try {
      await this.database.write(async (manager) => {
        ({ issuer } = await lock(manager, { id }, expectedVersion));
        await manager.delete(ServerDescriptionEntity, { id });
      });
    } catch (error) {
      if (!isReferenceError(error)) throw error;
      throw new FirekeepError(
        'conflict',
        'TRUST_SERVER_IN_USE',
        `Client configurations use ${issuer}. Remove them first.`,
      );
    }
    await this.queue.done('discover', issuer);
    await this.snapshot.refresh();
  }

  /** Whether `apply` would take it; nothing is written. @throws as `apply` */
  check(input: ServerDescriptionInput): void {
    checkInput(input);
    issuerUrl(input.issuer);
  }

  /**
   * Sees to it that the description is there, and discovers it in the background with retries; for the bootstrap
   * file. The initial access token is taken when the description is made, not later.
   *
   * @throws FirekeepError 400 `TRUST_SERVER_INVALID`; OutboundError stage `address`
   */
  async apply(input: ServerDescriptionInput): Promise<ServerDescription> {
    this.check(input);
    const present = await this.repository.findOneBy({ issuer: input.issuer });
    if (present === null) {
      await this.store(input, null, undefined);
    } else if (input.tls !== undefined && input.tls !== present.tlsName) {
      await this.update(present.id, { tls: input.tls });
    }
    if (present?.metadata == null) await this.queue.request('discover', input.issuer);
    await this.snapshot.refresh();
    const entity = await this.repository.findOneByOrFail({ issuer: input.issuer });
    return this.describeOne(entity);
  }

  private async store(
    input: ServerDescriptionInput,
    preview: DiscoveryPreview | null,
    expectedVersion: number | undefined,
  ): Promise<ServerDescriptionEntity> {
    const now = Date.now();
    const found = preview === null ? {} : { metadata: JSON.stringify(preview.metadata), discoveredAt: now };
    try {
      return await this.database.write(async (manager) => {
        const where = { issuer: input.issuer };
        const before = await rows.find(manager, where, expectedVersion);
        if (before !== undefined) return this.overwrite(manager, before, input, found);
        if (expectedVersion !== undefined) throw notFound(input.issuer);
        await requireTls(manager, input.tls ?? null);
        await manager.insert(ServerDescriptionEntity, {
          issuer: input.issuer,
          tlsName: input.tls ?? null,
          metadata: null,
          discoveredAt: null,
          ...found,
          sealedInitialAccessToken: this.seal(input.issuer, input.initialAccessToken ?? null),
          version: 1,
          createdAt: now,
          updatedAt: now,
        });
        return manager.findOneByOrFail(ServerDescriptionEntity, where);
      });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      // Somebody else made it meanwhile; now it is there to be changed.
      return this.store(input, preview, expectedVersion);
    }
  }

  private async overwrite(
    manager: EntityManager,
    before: ServerDescriptionEntity,
    { tls, initialAccessToken }: ServerDescriptionChanges,
    found: Partial<Pick<ServerDescriptionEntity, 'metadata' | 'discoveredAt'>> = {},
  ): Promise<ServerDescriptionEntity> {
    if (tls !== undefined) await requireTls(manager, tls);
    return rows.save(manager, before, {
      ...found,
      tlsName: tls === undefined ? before.tlsName : tls,
      sealedInitialAccessToken:
        initialAccessToken === undefined
          ? before.sealedInitialAccessToken
          : this.seal(before.issuer, initialAccessToken),
    });
  }

  private seal(issuer: string, token: string | null): Buffer | null {
    return token === null ? null : this.secretBox.seal(initialAccessTokenPurpose, token, issuer);
  }

  /** @throws FirekeepError 400 where there is no such TLS configuration. */
  private async materialOf(name: string | null): Promise<TlsMaterial | null> {
    if (name === null) return null;
    const known = this.snapshot.tls(name);
    if (known !== null) return known;
    await this.snapshot.refresh();
    const material = this.snapshot.tls(name);
    if (material === null) throw unknownTls(name);
    return material;
  }

  private async describeOne(entity: ServerDescriptionEntity): Promise<ServerDescription> {
    const [description] = await this.describe([entity]);
    if (description === undefined) throw notFound(entity.issuer);
    return description;
  }

  private async describe(entities: readonly ServerDescriptionEntity[]): Promise<ServerDescription[]> {
    const [failures, clients] = await Promise.all([
      this.queue.failuresOf('discover'),
      this.clients.find({
        select: { applicationName: true, issuer: true },
        order: { applicationName: 'ASC' },
      }),
    ]);
    return entities.map((entity) => ({
      ...toDescription(entity, failures.get(entity.issuer) ?? null),
      own: this.own.is(entity.issuer),
      usedBy: clients
        .filter(({ issuer }) => issuer === entity.issuer)
        .map(({ applicationName }) => applicationName),
    }));
  }
}

function toDescription(
  entity: ServerDescriptionEntity,
  failure: SetupFailure | null,
): Omit<ServerDescription, 'own' | 'usedBy'> {
  return {
    id: entity.id,
    issuer: entity.issuer,
    tls: entity.tlsName,
    hasInitialAccessToken: entity.sealedInitialAccessToken !== null,
    metadata: entity.metadata === null ? null : (parse(entity.metadata) as ServerMetadata),
    discoveredAt: entity.discoveredAt,
    failure,
    version: entity.version,
    createdAt: entity.createdAt,
    updatedAt: entity.updatedAt,
  };
}

function parse(text: string): Record<string, unknown> {
  return JSON.parse(text) as Record<string, unknown>;
}

function checkInput({ initialAccessToken }: ServerDescriptionChanges): void {
  const errors = new FieldErrors();
  errors.when(
    typeof initialAccessToken === 'string' && !/^[\x21-\x7e]{1,4096}$/.test(initialAccessToken),
    'initialAccessToken',
    'Use 1 to 4096 printable ASCII characters without spaces.',
  );
  errors.throwIfAny('TRUST_SERVER_INVALID');
}

async function requireTls(manager: EntityManager, name: string | null): Promise<void> {
  if (name === null) return;
  if (!(await manager.existsBy(TlsConfigurationEntity, { name }))) throw unknownTls(name);
}

function unknownTls(name: string): FirekeepError {
  const message = `There is no TLS configuration "${name}".`;
  return new FirekeepError('invalid', 'TRUST_SERVER_INVALID', message, {
    issues: [{ expression: 'tls', message }],
  });
}

async function lock(
  manager: EntityManager,
  where: { id: number },
  expectedVersion: number | undefined,
): Promise<ServerDescriptionEntity> {
  const entity = await rows.find(manager, where, expectedVersion);
  if (entity === undefined) throw notFound(String(where.id));
  return entity;
}

function notFound(name: string): FirekeepError {
  return new FirekeepError('not-found', 'TRUST_SERVER_NOT_FOUND', `There is no server description ${name}.`);
}
