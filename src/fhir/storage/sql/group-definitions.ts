import type { SqlSession } from '../../../platform/database/index.js';
import { FirekeepError } from '../../../platform/errors/index.js';
import type { SearchQuery } from '../../search/query.js';
import type { ParameterRegistry } from '../parameter-registry.js';
import type { PlannedWrite } from '../ports.js';
import type { NameResolver } from './name-resolver.js';
import { definesParameters, RegistryPlan } from './registry-plan.js';
import { assumeDefinitions, lockDefinitions } from './sql-parameter-registry.js';

/** This process knows older definitions than the database has: refresh the registry and run the group again. */
export class StaleDefinitions extends Error {}

/** The group changes definitions: run it again with the lock for that. */
export class NeedsDefinitionsLock extends Error {}

/**
 * The search parameters of repositories as a group of units writes by them, and changes them. Whoever changes them
 * waits for every transaction that writes by the old ones, and those that come later see the new ones: nothing is
 * ever indexed by definitions that were no longer valid.
 */
export class GroupDefinitions {
  private plan: RegistryPlan | undefined;

  private constructor(
    private readonly version: number | undefined,
    private readonly registry: ParameterRegistry | undefined,
    private readonly purpose: 'share' | 'update',
  ) {}

  /** @throws StaleDefinitions; where only the end of the transaction shows it, that fails with `isOutOfRange` */
  static async lock(
    session: SqlSession,
    registry: ParameterRegistry | undefined,
    purpose: 'share' | 'update',
  ): Promise<GroupDefinitions> {
    if (registry === undefined) return new GroupDefinitions(undefined, undefined, purpose);
    if (session.dialect === 'mysql' && purpose === 'share') {
      await assumeDefinitions(session, registry.version);
      return new GroupDefinitions(registry.version, registry, purpose);
    }
    const version = await lockDefinitions(session, purpose);
    if (version !== registry.version) throw new StaleDefinitions();
    return new GroupDefinitions(version, registry, purpose);
  }

  /** The same without what units have changed. */
  anew(): GroupDefinitions {
    return new GroupDefinitions(this.version, this.registry, this.purpose);
  }

  /** @throws FirekeepError `FHIR_SEARCH_PARAMETERS_CHANGED` for a condition that was read by other definitions */
  requireCurrent(conditions: readonly SearchQuery[]): void {
    if (this.version === undefined) return;
    if (conditions.every(({ definitions = this.version }) => definitions === this.version)) return;
    throw new FirekeepError(
      'unavailable',
      'FHIR_SEARCH_PARAMETERS_CHANGED',
      'The search parameters of the repository have changed while the criteria were evaluated. Nothing was changed; try again.',
      { retryAfter: 1 },
    );
  }

  /** @throws FirekeepError 422 `FHIR_SEARCH_PARAMETER_INVALID` */
  take(repository: string, writes: readonly PlannedWrite[]): void {
    if (this.version === undefined || !writes.some(definesParameters)) return;
    this.plan ??= new RegistryPlan(this.registry?.parameters ?? [], this.version);
    this.plan.take(repository, writes);
  }

  /** The writes with values by the current definitions. */
  current(writes: readonly PlannedWrite[]): readonly PlannedWrite[] {
    const { version } = this;
    if (version === undefined) return writes;
    return writes.map((write) =>
      write.kind === 'delete' || write.indexing === undefined || write.indexing.version === version
        ? write
        : { ...write, values: write.indexing.derive() },
    );
  }

  /** @throws NeedsDefinitionsLock */
  requireLock(): void {
    if (this.plan?.isEmpty === false && this.purpose === 'share') throw new NeedsDefinitionsLock();
  }

  async save(session: SqlSession, names: NameResolver): Promise<void> {
    if (this.plan?.isEmpty === false) await this.plan.save(session, names);
  }
}
