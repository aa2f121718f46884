import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { MoreThan, type EntityManager, type Repository } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';
import { ExpiringCache } from '../platform/cache/index.js';
import { Settings } from '../platform/config/index.js';
import { Database, retrying } from '../platform/database/index.js';
import { FirekeepError } from '../platform/errors/index.js';
import { Signal } from '../platform/events/index.js';
import { endUses, reserveName, statementsOf, type Statements, type Uses } from '../users/index.js';
import { haveSameAddresses, writeAddressRows } from './address-rows.js';
import { changedByAdministrator, changedByItself, newClient } from './client-record.js';
import { clientRows as rows } from './client-rows.js';
import { ClientSecrets } from './client-secrets.js';
import { ClientEntity, type ClientRecord } from './client.entity.js';
import type { Client, ClientChanges, ClientInput, CreatedClient } from './client.js';
import { checkFirstParty, publishedClient } from './decision.rule.js';
import {
  checkClient,
  checkSecret,
  docsClientId,
  isBuiltIn,
  isClientId,
  needsSecret,
} from './client.rules.js';

export interface PageOfClients {
  /** Client id behind which the page begins. */
  readonly after?: string;
  /** 1 to 1000, the default. */
  readonly limit?: number;
}

interface Registered {
  readonly client: Client;
  readonly secretHash: string | undefined;
}

/** Client descriptions: what there is, and the only way to change it. */
@Injectable()
export class ClientsService {
  /** Emits the id of a client that this node changed, after the commit. */
  readonly changed = new Signal<string>();
  /** Emits the id of a client whose tokens this node ended, after the commit. */
  readonly usesEnded = new Signal<string>();
  private readonly uses: Uses[] = [];
  private readonly belongings: Uses[] = [];
  private readonly cache = new ExpiringCache<string, Registered>({ capacity: 5_000, lifetime: 2_000 });

  constructor(
    private readonly database: Database,
    @InjectRepository(ClientEntity) private readonly repository: Repository<ClientEntity>,
    private readonly secrets: ClientSecrets,
    private readonly settings: Settings,
  ) {}

  /**
   * For hot paths: at most two seconds old where another node made the change. The same object as long as it was not
   * read anew.
   */
  async find(clientId: string): Promise<Client | undefined> {
    return (await this.registered(clientId))?.client;
  }

  /** As it is committed now. @throws FirekeepError 404 `CLIENTS_NOT_FOUND` */
  async get(clientId: string): Promise<Client> {
    const client = isClientId(clientId) ? await this.repository.findOneBy({ clientId }) : null;
    if (client === null) throw notFound(clientId);
    return this.published(client);
  }

  /** By client id, at most 1000. */
  async list(page: PageOfClients = {}): Promise<Client[]> {
    const clients = await this.repository.find({
      ...(page.after === undefined ? {} : { where: { clientId: MoreThan(page.after) } }),
      order: { clientId: 'ASC' },
      take: Math.min(page.limit ?? 1000, 1000),
    });
    return clients.map((client) => this.published(client));
  }

  /** @throws FirekeepError 400 `CLIENTS_INVALID`, 409 `NAME_TAKEN` */
  async create(input: ClientInput): Promise<CreatedClient> {
    const record = newClient(input, input.clientId ?? randomBytes(16).toString('hex'));
    checkClient(record);
    const secret = await this.firstSecret(record, input.clientSecret);
    const entity: ClientRecord = {
      ...record,
      secretHash: secret?.hash ?? null,
      hasSecret: secret !== undefined,
    };
    await this.write(async (manager) => {
      await reserveName(manager, entity.clientId, 'client');
      await manager.insert(ClientEntity, columnsOf(entity));
      await writeAddressRows(manager, entity);
    });
    this.announce(entity.clientId);
    const client = this.published(entity);
    return secret?.plain === undefined ? { client } : { client, secret: secret.plain };
  }

  /**
   * Whether `update`, for a client that is there, else `create` would take it, but for the id; nothing is written.
   *
   * @throws FirekeepError 400 `CLIENTS_INVALID`, 409 `CLIENTS_BUILT_IN`, `CLIENTS_TYPE_FIXED`
   */
  async check({ clientSecret, ...input }: ClientInput & { readonly clientId: string }): Promise<void> {
    if (clientSecret !== undefined) checkSecret(clientSecret);
    const present = await this.repository.findOneBy({ clientId: input.clientId });
    if (present === null) {
      checkClient(newClient(input, input.clientId));
      return;
    }
    const { clientId, clientType, dynamicallyRegistered: _registered, ...changes } = input;
    refuseForBuiltIn(clientId, changes);
    refuseOtherType(present, clientType);
    checkChanged(changedByAdministrator(present, changes));
  }

  /**
   * A change by an administrator, which bounds from then on what the client may register itself. Redirect URIs that are
   * named are approved by that.
   *
   * @param expectedVersion undefined: whatever is there is overwritten.
   * @throws FirekeepError 400 `CLIENTS_INVALID`, 404 `CLIENTS_NOT_FOUND`, 409 `CLIENTS_BUILT_IN`,
   * 412 `CLIENTS_VERSION_MISMATCH`
   */
  async update(clientId: string, changes: ClientChanges, expectedVersion?: number): Promise<Client> {
    const { client, ended } = await this.write(async (manager) => {
      const before = await lockClient(manager, clientId, expectedVersion);
      refuseForBuiltIn(clientId, changes);
      const asked = changedByAdministrator(before, changes);
      checkChanged(asked);
      const after = await save(manager, before, asked);
      // Both ways: what was under way when the client was disabled ends when it is enabled, too.
      const isSwitched = before.enabled !== after.enabled;
      return { client: after, ended: isSwitched ? await endUses(manager, this.uses, clientId) : 0 };
    });
    this.announce(clientId, ended);
    return this.published(client);
  }

  /**
   * A change by the client itself. What it may change, the caller has decided by the client at `version`.
   *
   * @param alongside commits with it, or refuses it by an exception
   * @returns the client, with a secret where it has come to need one
   * @throws FirekeepError as `update`
   */
  async updateByItself(
    { clientId, version }: Pick<Client, 'clientId' | 'version'>,
    changes: ClientChanges,
    alongside: (statements: Statements) => Promise<void>,
  ): Promise<CreatedClient> {
    const changed = await this.write(async (manager) => {
      const before = await lockClient(manager, clientId, version);
      await alongside(statementsOf(manager));
      const asked = changedByItself(before, changes);
      checkChanged(asked);
      const fresh =
        needsSecret(asked.tokenEndpointAuthMethod) && !asked.hasSecret ? this.secrets.generate() : undefined;
      const secret = fresh === undefined ? {} : { secretHash: fresh.hash, hasSecret: true };
      return { after: await save(manager, before, { ...asked, ...secret }), secret: fresh?.secret };
    });
    this.announce(clientId);
    const client = this.published(changed.after);
    return changed.secret === undefined ? { client } : { client, secret: changed.secret };
  }

  /** Has `end` called whenever a client is disabled or enabled again. */
  endWithClient(end: Uses): void {
    this.uses.push(end);
  }

  /** Has `remove` called whenever a client is removed, in the same transaction. */
  removeWithClient(remove: Uses): void {
    this.belongings.push(remove);
  }

  /** The old secret ends at once. @throws FirekeepError as `update`, 409 `CLIENTS_NO_SECRET` */
  async rotateSecret(clientId: string, expectedVersion?: number): Promise<string> {
    const { secret, hash } = this.secrets.generate();
    await this.write(async (manager) => {
      const before = await lockClient(manager, clientId, expectedVersion);
      if (!needsSecret(before.tokenEndpointAuthMethod)) {
        throw new FirekeepError(
          'conflict',
          'CLIENTS_NO_SECRET',
          `The client ${clientId} authenticates by ${before.tokenEndpointAuthMethod} and has no secret.`,
        );
      }
      await save(manager, before, {
        ...{ ...before, secretHash: hash, hasSecret: true, indexedVersion: before.version + 1 },
      });
    });
    this.announce(clientId);
    return secret;
  }

  /**
   * Whether the secret is that of an enabled client.
   *
   * @param origin address of the caller, for the back-off of guesses.
   * @throws FirekeepError 429 `CLIENTS_THROTTLED`
   */
  async verifySecret(
    clientId: string,
    secret: string,
    origin?: { readonly address: string },
  ): Promise<boolean> {
    const registered = await this.registered(clientId);
    const matches = await this.secrets.verify(clientId, registered?.secretHash, secret, origin?.address);
    return matches && registered?.client.enabled === true;
  }

  /** The id stays taken. @param alongside commits with it @throws FirekeepError as `update` */
  async remove(
    clientId: string,
    expectedVersion?: number,
    alongside?: (statements: Statements) => Promise<void>,
  ): Promise<void> {
    await this.write(async (manager) => {
      const before = await lockClient(manager, clientId, expectedVersion);
      if (isBuiltIn(clientId)) throw builtIn(clientId);
      await alongside?.(statementsOf(manager));
      await manager.delete(ClientEntity, { clientId });
      await writeAddressRows(manager, { ...before, enabled: false });
      await endUses(manager, this.belongings, clientId);
    });
    this.announce(clientId);
  }

  private registered(clientId: string): Promise<Registered | undefined> {
    // MySQL compares without the spaces at the end: what has any is no client id.
    if (!isClientId(clientId)) return Promise.resolve(undefined);
    return this.cache.load(clientId, async () => {
      const entity = await this.repository
        .createQueryBuilder('client')
        .addSelect('client.secretHash')
        .where({ clientId })
        .getOne();
      if (entity === null) return undefined;
      return { client: this.published(entity), secretHash: entity.secretHash ?? undefined };
    });
  }

  private async firstSecret(
    client: ClientRecord,
    given: string | undefined,
  ): Promise<{ hash: string; plain?: string } | undefined> {
    if (given !== undefined) checkSecret(given);
    if (!needsSecret(client.tokenEndpointAuthMethod)) return undefined;
    if (given !== undefined) return { hash: await this.secrets.hash(given) };
    const { secret, hash } = this.secrets.generate();
    return { hash, plain: secret };
  }

  /** Without the hash; the redirect of the documentation's client follows the public URL. */
  private published(record: ClientRecord): Client {
    const client = publishedClient(record);
    if (client.clientId !== docsClientId) return client;
    return { ...client, redirectUris: [`${this.settings.publicUrl}/docs/oauth2-redirect.html`] };
  }

  private write<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return retrying(() => this.database.write(work));
  }

  private announce(clientId: string, ended = 0): void {
    this.cache.delete(clientId);
    this.changed.emit(clientId);
    if (ended > 0) this.usesEnded.emit(clientId);
  }
}

/** TypeORM's type takes any JSON column for a relation. */
function columnsOf(client: ClientRecord): QueryDeepPartialEntity<ClientEntity> {
  return client as QueryDeepPartialEntity<ClientEntity>;
}

/** The row as it is, kept from others until the transaction ends. */
async function lockClient(
  manager: EntityManager,
  clientId: string,
  expectedVersion: number | undefined,
): Promise<ClientRecord> {
  const client = isClientId(clientId) ? await rows.find(manager, { clientId }, expectedVersion) : undefined;
  if (client === undefined) throw notFound(clientId);
  return client;
}

/** With the rows by which its addresses are found. */
async function save(
  manager: EntityManager,
  before: ClientRecord,
  asked: ClientRecord,
): Promise<ClientRecord> {
  const after = await rows.save(manager, before, asked);
  if (before.indexedVersion !== before.version || !haveSameAddresses(before, after)) {
    await writeAddressRows(manager, after);
  }
  return after;
}

/** @throws FirekeepError 400 `CLIENTS_INVALID` */
function checkChanged(client: ClientRecord): void {
  checkClient(client);
  checkFirstParty(client);
}

function refuseForBuiltIn(clientId: string, changes: ClientChanges): void {
  if (!isBuiltIn(clientId)) return;
  const others = Object.entries(changes).filter(([name, value]) => value !== undefined && name !== 'enabled');
  if (others.length > 0) throw builtIn(clientId);
}

/** What depends on the type (secret, resources, grants) would have to change with it. */
function refuseOtherType(
  client: Pick<Client, 'clientId' | 'clientType'>,
  clientType: Client['clientType'] | undefined,
): void {
  if (clientType === undefined || clientType === client.clientType) return;
  throw new FirekeepError(
    'conflict',
    'CLIENTS_TYPE_FIXED',
    `${client.clientId} is a ${client.clientType} client. Make a new one for another type.`,
  );
}

function builtIn(clientId: string): FirekeepError {
  return new FirekeepError(
    'conflict',
    'CLIENTS_BUILT_IN',
    `${clientId} belongs to the server. It can be disabled, but not changed or removed.`,
  );
}

function notFound(clientId: string): FirekeepError {
  return new FirekeepError('not-found', 'CLIENTS_NOT_FOUND', `There is no client ${clientId}.`);
}
