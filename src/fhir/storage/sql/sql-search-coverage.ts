import { isDuplicateKey, type Database, type SqlSession } from '../../../platform/database/index.js';
import type { RecordedParameter, SearchCoverageStore } from '../search-coverage.js';
import { keyText, tables } from './keys.js';

const attempts = 5;

/** Coverage of added search parameters, one row a parameter and type. */
export class SqlSearchCoverage implements SearchCoverageStore {
  constructor(private readonly database: Database) {}

  async record(parameters: readonly RecordedParameter[]): Promise<readonly boolean[]> {
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
): Promise<readonly boolean[]> {
  const known = await recorded(session);
  const wanted = new Set(parameters.map(keyOf));
  for (const [key, { type, code }] of known) {
    if (!wanted.has(key)) await remove(session, type, code);
  }
  const complete: boolean[] = [];
  for (const parameter of parameters) {
    const before = known.get(keyOf(parameter));
    if (before?.digest === parameter.digest) complete.push(before.isComplete);
    else complete.push(await add(session, parameter, before !== undefined));
  }
  return complete;
}

interface Recorded extends RecordedParameter {
  readonly isComplete: boolean;
}

async function recorded(session: SqlSession): Promise<ReadonlyMap<string, Recorded>> {
  const rows = await session.query(`SELECT type, code, digest, complete FROM ${tables.searchCoverage}`);
  return new Map(
    rows.map((row) => {
      const found = { type: keyText(row.type), code: keyText(row.code), digest: keyText(row.digest) };
      return [keyOf(found), { ...found, isComplete: Number(row.complete) === 1 }];
    }),
  );
}

async function add(session: SqlSession, parameter: RecordedParameter, replaces: boolean): Promise<boolean> {
  const { type, code, digest } = parameter;
  if (replaces) await remove(session, type, code);
  const isComplete = !(await hasResources(session, type));
  await session.execute(
    `INSERT INTO ${tables.searchCoverage} (type, code, digest, complete) VALUES (?, ?, ?, ?)`,
    [type, code, digest, isComplete],
  );
  return isComplete;
}

async function remove(session: SqlSession, type: string, code: string): Promise<void> {
  await session.execute(`DELETE FROM ${tables.searchCoverage} WHERE type = ? AND code = ?`, [type, code]);
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
