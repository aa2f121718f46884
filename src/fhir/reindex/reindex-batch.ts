import { Inject, Injectable } from '@nestjs/common';
import { FirekeepError } from '../../platform/errors/index.js';
import { readResourceText } from '../format/resource-text.js';
import { ResourceIntake } from '../exchange/resource-intake.js';
import { RepositoryDefinitions } from '../search-parameters/repository-definitions.js';
import type {
  PlannedWrite,
  ResourceIdentity,
  ResourceStore,
  StoredResource,
  WriteUnit,
} from '../storage/ports.js';
import { RESOURCE_STORE } from '../storage/store-token.js';

/** A resource that could not be indexed. */
export interface SkippedRid {
  readonly rid: number;
  readonly resource: string;
  readonly reason: string;
}

/**
 * Derives the index rows of some resources again, as writes of the write queue: their rows are locked, so that nobody
 * changes them meanwhile, and derived from the bodies that they have at that moment.
 */
@Injectable()
export class ReindexBatch {
  constructor(
    @Inject(RESOURCE_STORE) private readonly store: ResourceStore,
    private readonly intake: ResourceIntake,
    private readonly definitions: RepositoryDefinitions,
  ) {}

  /**
   * @param bytes of the bodies, about
   * @returns those that were left as they are
   * @throws FirekeepError `unavailable` where the store takes no writes now
   */
  async run(
    repository: string,
    resources: readonly ResourceIdentity[],
    bytes: number,
  ): Promise<readonly SkippedRid[]> {
    try {
      return await this.store.commit(this.unit(repository, resources, bytes));
    } catch (error) {
      if (error instanceof FirekeepError && /^(?:unavailable|throttled)$/.test(error.category)) throw error;
      const [resource] = resources;
      if (resources.length > 1 || resource === undefined) return this.oneByOne(repository, resources, bytes);
      const { type, id } = resource;
      const row = await this.store.read(repository, type, id);
      return row === undefined ? [] : [skipped(row, error)];
    }
  }

  /** So that one that can't be indexed keeps no other from it. */
  private async oneByOne(
    repository: string,
    resources: readonly ResourceIdentity[],
    bytes: number,
  ): Promise<readonly SkippedRid[]> {
    const all: SkippedRid[] = [];
    for (const resource of resources) {
      all.push(...(await this.run(repository, [resource], bytes / resources.length)));
    }
    return all;
  }

  private unit(
    repository: string,
    resources: readonly ResourceIdentity[],
    bytes: number,
  ): WriteUnit<readonly SkippedRid[]> {
    return {
      repository,
      bytes,
      targets: () => resources,
      apply: (transaction) => {
        const writes: PlannedWrite[] = [];
        const result: SkippedRid[] = [];
        for (const { type, id } of resources) {
          const row = transaction.current(type, id);
          if (row === undefined || row.deleted) continue;
          try {
            writes.push(this.write(repository, row));
          } catch (error) {
            result.push(skipped(row, error));
          }
        }
        return { writes, result };
      },
    };
  }

  private write(repository: string, { type, id, content }: StoredResource): PlannedWrite {
    const text = readResourceText(content);
    const defines = this.intake.definition(text);
    return {
      kind: 'index',
      type,
      id,
      values: this.intake.values(text, repository),
      indexing: { version: this.definitions.version, derive: () => this.intake.values(text, repository) },
      ...(defines === undefined ? {} : { defines }),
    };
  }
}

function skipped({ type, id, rid }: StoredResource, error: unknown): SkippedRid {
  const reason = error instanceof Error ? error.message : String(error);
  return { rid, resource: `${type}/${id}`, reason };
}
