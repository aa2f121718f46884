import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Settings } from '../platform/config/index.js';
import { Database, retrying, rowLock, VersionedRows } from '../platform/database/index.js';
import { FirekeepError } from '../platform/errors/index.js';
import { EndpointRegistry } from './endpoint-registry.js';
import { EndpointEntity } from './endpoint.entity.js';
import { checkEndpoint, overlaps } from './endpoint.rules.js';
import type { EndpointChanges, EndpointInput, FhirEndpoint } from './endpoint.js';

const rows = new VersionedRows({
  entity: EndpointEntity,
  named: () => 'The endpoint',
  mismatch: 'ENDPOINTS_VERSION_MISMATCH',
});

const most = 200;

/** Changes the configured endpoints. What is configured is read from the registry. */
@Injectable()
export class EndpointsService {
  constructor(
    private readonly database: Database,
    private readonly registry: EndpointRegistry,
    private readonly settings: Settings,
  ) {}

  /** As committed now, by path. */
  async list(): Promise<readonly FhirEndpoint[]> {
    await this.registry.refresh();
    return this.registry.all();
  }

  /** As committed now. @throws FirekeepError 404 `ENDPOINTS_NOT_FOUND` */
  async get(path: string): Promise<FhirEndpoint> {
    const endpoint = (await this.list()).find((candidate) => candidate.path === path);
    if (endpoint === undefined) throw notFound(path);
    return endpoint;
  }

  /** @throws FirekeepError 400 `ENDPOINTS_INVALID`, 409 `ENDPOINTS_OVERLAP` */
  async create(input: EndpointInput): Promise<FhirEndpoint> {
    const now = Date.now();
    const entity: EndpointEntity = {
      path: input.path,
      repository: input.repository ?? 'default',
      checkMode: input.checkMode,
      oauthClientName: input.oauthClientName ?? null,
      accessTokenLifetime: input.accessTokenLifetime ?? null,
      enabled: input.enabled ?? true,
      version: 1,
      createdAt: now,
      updatedAt: now,
    };
    checkEndpoint(entity, this.settings.get('allowOpen'));
    await this.write(async (manager) => {
      await refuseOverlap(manager, entity.path);
      await manager.insert(EndpointEntity, entity);
    });
    return this.get(input.path);
  }

  /**
   * Whether `update`, for an endpoint that is there, else `create` would take it; nothing is written.
   *
   * @throws FirekeepError 400 `ENDPOINTS_INVALID`, 409 `ENDPOINTS_OVERLAP`
   */
  async check(input: EndpointInput): Promise<void> {
    const endpoints = await this.list();
    const present = endpoints.find(({ path }) => path === input.path);
    checkEndpoint(
      {
        path: input.path,
        repository: input.repository ?? present?.repository ?? 'default',
        checkMode: input.checkMode,
        oauthClientName: input.oauthClientName ?? null,
        accessTokenLifetime: input.accessTokenLifetime ?? null,
      },
      this.settings.get('allowOpen') || present?.checkMode === 'open',
    );
    if (present === undefined) refuseOverlapWith(endpoints, input.path);
  }

  /**
   * @param expectedVersion undefined: whatever is there is overwritten.
   * @throws FirekeepError 400 `ENDPOINTS_INVALID`, 404 `ENDPOINTS_NOT_FOUND`, 412 `ENDPOINTS_VERSION_MISMATCH`
   */
  async update(path: string, changes: EndpointChanges, expectedVersion?: number): Promise<FhirEndpoint> {
    await this.write(async (manager) => {
      const before = await lockEndpoint(manager, path, expectedVersion);
      const asked = {
        path,
        repository: changes.repository ?? before.repository,
        checkMode: changes.checkMode ?? before.checkMode,
        oauthClientName:
          changes.oauthClientName === undefined ? before.oauthClientName : changes.oauthClientName,
        accessTokenLifetime:
          changes.accessTokenLifetime === undefined
            ? before.accessTokenLifetime
            : changes.accessTokenLifetime,
        enabled: changes.enabled ?? before.enabled,
      };
      checkEndpoint(asked, this.settings.get('allowOpen') || before.checkMode === 'open');
      await rows.save(manager, before, asked);
    });
    return this.get(path);
  }

  /** What is stored in the repository stays. @throws FirekeepError as `update` */
  async remove(path: string, expectedVersion?: number): Promise<void> {
    await this.write(async (manager) => {
      await lockEndpoint(manager, path, expectedVersion);
      await manager.delete(EndpointEntity, { path });
    });
    await this.registry.refresh();
  }

  private write<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return retrying(() => this.database.write(work));
  }
}

async function refuseOverlap(manager: EntityManager, path: string): Promise<void> {
  refuseOverlapWith(await manager.find(EndpointEntity, rowLock(manager)), path);
}

function refuseOverlapWith(others: readonly { readonly path: string }[], path: string): void {
  const other = others.find((candidate) => overlaps(candidate.path, path));
  if (other !== undefined) {
    throw new FirekeepError(
      'conflict',
      'ENDPOINTS_OVERLAP',
      other.path === path
        ? `There is an endpoint at ${path} already.`
        : `${path} overlaps the endpoint ${other.path}.`,
    );
  }
  if (others.length >= most) {
    throw new FirekeepError('conflict', 'ENDPOINTS_TOO_MANY', `At most ${most} endpoints can be configured.`);
  }
}

async function lockEndpoint(
  manager: EntityManager,
  path: string,
  expectedVersion: number | undefined,
): Promise<EndpointEntity> {
  const endpoint = await rows.find(manager, { path }, expectedVersion);
  if (endpoint === undefined) throw notFound(path);
  return endpoint;
}

function notFound(path: string): FirekeepError {
  return new FirekeepError('not-found', 'ENDPOINTS_NOT_FOUND', `There is no endpoint at ${path}.`);
}
