import { isDuplicateKey, type Database, type SqlSession } from '../../../platform/database/index.js';
import type { CoverageState } from '../../definitions/index.js';
import type { RecordedParameter, SearchCoverageStore } from '../search-coverage.js';
import { keyText, tables } from './keys.js';

const attempts = 5;

/** As the column `state` has it, by position. */
const states: readonly CoverageState[] = ['partial', 'complete', 'stale'];

/** Coverage of added search parameters, one row a parameter and type. */
export class SqlSearchCoverage implements SearchCoverageStore {
  constructor(private readonly database: Database) {}

  async record(parameters: readonly RecordedParameter[]): Promise<readonly CoverageState[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.database.transaction((session) => recordIn(session, parameters));
      } catch (error) {
        // Another process has started in the same moment: what it recorded is there now.
        if (!isDuplicateKey(error) || attempt === attempts) throw error;
      }
    }
  }
}

async function recordIn(
  session: SqlSession,
  parameters: readonly RecordedParameter[],
): Promise<readonly CoverageState[]> {
  const known = await coveredParameters(session);
  const wanted = new Set(parameters.map(keyOf));
  for (const [key, before] of known) {
    if (before.isActive && !wanted.has(key)) await retire(session, before);
  }
  const found: CoverageState[] = [];
  for (const parameter of parameters) {
    const before = known.get(keyOf(parameter));
    if (before?.isActive === true && before.digest === parameter.digest) {
      found.push(before.state);
      continue;
    }
    const state = (await hasResources(session, parameter.type)) ? stateBehind(parameter, before) : 'complete';
    await save(session, parameter, state, before !== undefined);
    found.push(state);
  }
  return found;
}

/** What the index holds of a parameter that is new, or comes again, while there are resources. */
function stateBehind({ digest }: RecordedParameter, before: Recorded | undefined): CoverageState {
  if (before === undefined) return 'partial';
  return before.digest === digest && before.state !== 'stale' ? 'partial' : 'stale';
}

/** Whether the index holds all values of a parameter, and none of another definition. */
export function isWhole(covered: ReadonlyMap<string, Recorded>, parameter: RecordedParameter): boolean {
  const found = covered.get(keyOf(parameter));
  return found?.isActive === true && found.state === 'complete' && found.digest === parameter.digest;
}

interface Recorded extends RecordedParameter {
  readonly state: CoverageState;
  /** Whether resources have been written with it since the last start. */
  readonly isActive: boolean;
}

/** What is recorded of added parameters, by type and code. */
export async function coveredParameters(session: SqlSession): Promise<ReadonlyMap<string, Recorded>> {
  const rows = await session.query(`SELECT type, code, digest, state, active FROM ${tables.searchCoverage}`);
  return new Map(
    rows.map((row) => {
      const found: Recorded = {
        type: keyText(row.type),
        code: keyText(row.code),
        digest: keyText(row.digest),
        state: states[Number(row.state)] ?? 'stale',
        isActive: Number(row.active) === 1,
      };
      return [keyOf(found), found];
    }),
  );
}

async function save(
  session: SqlSession,
  { type, code, digest }: RecordedParameter,
  state: CoverageState,
  isThere: boolean,
): Promise<void> {
  const values = [digest, states.indexOf(state), true, type, code];
  await session.execute(
    isThere
      ? `UPDATE ${tables.searchCoverage} SET digest = ?, state = ?, active = ? WHERE type = ? AND code = ?`
      : `INSERT INTO ${tables.searchCoverage} (digest, state, active, type, code) VALUES (?, ?, ?, ?, ?)`,
    values,
  );
}

async function retire(session: SqlSession, { type, code }: RecordedParameter): Promise<void> {
  await session.execute(`UPDATE ${tables.searchCoverage} SET active = 0 WHERE type = ? AND code = ?`, [
    type,
    code,
  ]);
}

/** Whether any repository has a resource of the type that is not deleted. */
async function hasResources(session: SqlSession, type: string): Promise<boolean> {
  const rows = await session.query(
    `SELECT 1 AS found FROM ${tables.repository} r JOIN ${tables.type} t ON t.name = ?
     WHERE EXISTS (SELECT 1 FROM ${tables.resource} x
       WHERE x.repository = r.id AND x.type = t.id AND x.deleted = 0) LIMIT 1`,
    [type],
  );
  return rows.length > 0;
}

function keyOf({ type, code }: Pick<RecordedParameter, 'type' | 'code'>): string {
  return `${type} ${code}`;
}
