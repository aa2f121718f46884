import type { SqlSession } from '../../../platform/database/index.js';
import { FirekeepError } from '../../../platform/errors/index.js';
import type { RegisteredParameter } from '../parameter-registry.js';
import type { PlannedWrite } from '../ports.js';
import { tables } from './keys.js';
import type { NameResolver } from './name-resolver.js';
import { queueRemoval, queueTypes } from './reindex/job-rows.js';
import { digestOf, raiseVersion, stateNumber } from './sql-parameter-registry.js';

/** Whether a write may change what repositories are indexed by. */
export const definesParameters = ({ type }: PlannedWrite): boolean => type === 'SearchParameter';

/** Parameters that a repository may define for one resource type. */
const MOST_OF_A_TYPE = 200;

type Registered = ReadonlyMap<string, RegisteredParameter>;

/**
 * What the SearchParameter resources of a group change in the registry. The version of the definitions must be
 * locked, and `stored` be what belongs to it.
 */
export class RegistryPlan {
  private readonly before: Registered;
  private current: Registered;

  constructor(
    stored: readonly RegisteredParameter[],
    private readonly version: number,
  ) {
    this.before = new Map(stored.map((one) => [keyOf(one), one]));
    this.current = this.before;
  }

  get isEmpty(): boolean {
    return this.current === this.before;
  }

  /**
   * Takes the writes of one unit.
   *
   * @throws FirekeepError 422 `FHIR_SEARCH_PARAMETER_INVALID`, with the plan unchanged
   */
  take(repository: string, writes: readonly PlannedWrite[]): void {
    // The last of several writes to one resource counts.
    const last = new Map(writes.filter(definesParameters).map((write) => [write.id, write]));
    if (last.size === 0) return;
    const next = new Map(this.current);
    for (const [key, one] of this.current) {
      if (one.repository === repository && last.has(one.resource))
        next.set(key, { ...one, state: 'removing' });
    }
    for (const write of last.values()) {
      if (write.kind === 'delete' || write.defines === undefined) continue;
      const { types, parameter } = write.defines;
      for (const type of types) {
        const one = { repository, type, resource: write.id, parameter };
        const key = keyOf(one);
        next.set(key, this.registered(one, next.get(key), this.before.get(key)));
      }
    }
    if ([...next].every(([key, one]) => this.current.get(key) === one)) return;
    this.current = settled(next, this.current);
    requireBounds(this.current, repository, last);
  }

  private registered(
    one: Pick<RegisteredParameter, 'repository' | 'type' | 'resource' | 'parameter'>,
    other: RegisteredParameter | undefined,
    before: RegisteredParameter | undefined,
  ): RegisteredParameter {
    if (other !== undefined && other.state !== 'removing' && other.resource !== one.resource)
      throw taken(one);
    const digest = digestOf(one.parameter);
    const first = { ...one, digest, skipped: false, since: this.version + 1 };
    if (before === undefined) return { ...first, state: 'partial' };
    if (before.digest !== digest) return { ...first, state: 'stale' };
    // What was written while it was not defined has no values of it.
    if (before.state === 'removing') return { ...first, state: 'partial' };
    const isSame =
      before.resource === one.resource && JSON.stringify(before.parameter) === JSON.stringify(one.parameter);
    return isSame ? before : { ...before, ...one };
  }

  /** Writes the changes, and queues what the index needs for them. */
  async save(session: SqlSession, names: NameResolver): Promise<void> {
    const incomplete = new Map<number, Set<string>>();
    const removals = new Set<number>();
    for (const [key, one] of this.current) {
      const before = this.before.get(key);
      if (before === one) continue;
      const repository = names.repository(one.repository);
      const isNew = before === undefined;
      const isComplete = isNew && !(await hasResources(session, repository, one.type));
      const state = isComplete ? 'complete' : one.state;
      await saveRow(session, repository, { ...one, state }, isNew);
      if (state === 'removing') removals.add(repository);
      else if (state !== 'complete') {
        incomplete.set(repository, (incomplete.get(repository) ?? new Set()).add(one.type));
      }
    }
    await raiseVersion(session);
    for (const [repository, types] of incomplete) {
      await queueTypes(session, repository, [...types], 'search-parameter');
    }
    for (const repository of removals) await queueRemoval(session, repository);
  }
}

/** Without what came and went within the transaction. */
function settled(next: Registered, before: Registered): Registered {
  return new Map([...next].filter(([key, one]) => one.state !== 'removing' || before.has(key)));
}

function requireBounds(
  current: Registered,
  repository: string,
  written: ReadonlyMap<string, PlannedWrite>,
): void {
  const types = [...current.values()].filter(({ resource }) => written.has(resource)).map(({ type }) => type);
  for (const type of new Set(types)) {
    const count = [...current.values()].filter(
      (one) => one.repository === repository && one.type === type && one.state !== 'removing',
    ).length;
    if (count > MOST_OF_A_TYPE) {
      throw invalid(
        `${type} would have more than ${MOST_OF_A_TYPE} search parameters of this repository, which is the most.`,
        'SearchParameter.base',
      );
    }
  }
}

function taken({
  type,
  parameter: { code },
}: Pick<RegisteredParameter, 'type' | 'parameter'>): FirekeepError {
  return invalid(
    `Another SearchParameter of this repository defines "${code}" for ${type} already.`,
    'SearchParameter.code',
  );
}

function invalid(message: string, expression: string): FirekeepError {
  return new FirekeepError('unprocessable', 'FHIR_SEARCH_PARAMETER_INVALID', message, {
    issues: [{ message, code: 'business-rule', expression }],
  });
}

async function saveRow(
  session: SqlSession,
  repository: number,
  { type, parameter, resource, digest, state, skipped, since }: RegisteredParameter,
  isNew: boolean,
): Promise<void> {
  const values = [
    resource,
    digest,
    JSON.stringify(parameter),
    stateNumber(state),
    skipped,
    since,
    repository,
    type,
    parameter.code,
  ];
  await session.execute(
    isNew
      ? `INSERT INTO ${tables.searchParameter}
         (resource, digest, definition, state, skipped, since, repository, type, code)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
      : `UPDATE ${tables.searchParameter}
         SET resource = ?, digest = ?, definition = ?, state = ?, skipped = ?, since = ?
         WHERE repository = ? AND type = ? AND code = ?`,
    values,
  );
}

async function hasResources(session: SqlSession, repository: number, type: string): Promise<boolean> {
  const rows = await session.query(
    `SELECT 1 AS found FROM ${tables.resource} x WHERE x.repository = ?
     AND x.type = (SELECT t.id FROM ${tables.type} t WHERE t.name = ?) AND x.deleted = 0 LIMIT 1`,
    [repository, type],
  );
  return rows.length > 0;
}

function keyOf({
  repository,
  type,
  parameter,
}: Pick<RegisteredParameter, 'repository' | 'type' | 'parameter'>) {
  return `${repository}\u0000${type} ${parameter.code}`;
}
