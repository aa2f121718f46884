import { createHash } from 'node:crypto';
import type { Database, SqlRow, SqlSession } from '../../../platform/database/index.js';
import type {
  ParameterDefinition,
  ParameterRegistry,
  ParameterState,
  RegisteredParameter,
} from '../parameter-registry.js';
import { keyText, tables } from './keys.js';

/** As the column `state` has it, by position. */
const states: readonly ParameterState[] = ['partial', 'complete', 'stale', 'removing'];
/** How often the rows are read again where they change meanwhile. */
const attempts = 10;

/** The number of a state in its column. */
export const stateNumber = (state: ParameterState): number => states.indexOf(state);

/** What decides the values of a parameter: where it changes, values that are there are those of another one. */
export function digestOf({
  type,
  expression,
  targets,
  components,
}: Pick<ParameterDefinition['parameter'], 'type' | 'expression' | 'targets' | 'components'>): string {
  return createHash('sha256')
    .update(JSON.stringify([type, expression, targets, components]))
    .digest('hex');
}

/** The registry over its table, with what it holds in memory. */
export class SqlParameterRegistry implements ParameterRegistry {
  version = 0;
  parameters: readonly RegisteredParameter[] = [];
  private readonly listeners: (() => void)[] = [];

  private constructor(private readonly database: Database) {}

  /** @throws FirekeepError `DATABASE_UNAVAILABLE` */
  static async open(database: Database): Promise<SqlParameterRegistry> {
    const registry = new SqlParameterRegistry(database);
    await registry.refresh();
    return registry;
  }

  async refresh(): Promise<boolean> {
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const before = await this.storedVersion();
      if (before === this.version) return false;
      const parameters = await this.load();
      // Rows of two versions would be a state that never was.
      if ((await this.storedVersion()) !== before) continue;
      this.version = before;
      this.parameters = parameters;
      for (const listener of this.listeners) listener();
      return true;
    }
    return false;
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  private async storedVersion(): Promise<number> {
    const [row] = await this.database.query(`SELECT version FROM ${tables.definitions} WHERE id = 1`);
    return Number(row?.version ?? 0);
  }

  private async load(): Promise<RegisteredParameter[]> {
    const rows = await this.database.query(
      `SELECT r.name, p.type, p.code, p.resource, p.digest, p.definition, p.state, p.skipped, p.since
       FROM ${tables.searchParameter} p JOIN ${tables.repository} r ON r.id = p.repository`,
    );
    return rows.map(parameterFrom);
  }
}

function parameterFrom(row: SqlRow): RegisteredParameter {
  return {
    repository: keyText(row.name),
    type: keyText(row.type),
    resource: keyText(row.resource),
    parameter: JSON.parse(keyText(row.definition)) as RegisteredParameter['parameter'],
    digest: keyText(row.digest),
    state: states[Number(row.state)] ?? 'stale',
    skipped: Number(row.skipped) === 1,
    since: Number(row.since),
  };
}

/**
 * Locks the version of the definitions until the end of the transaction: for reading, so that it stays what it is,
 * or for changing it, when everybody who writes by it has ended. SQLite has one writer anyway.
 */
export async function lockDefinitions(session: SqlSession, purpose: 'share' | 'update'): Promise<number> {
  const lock =
    session.dialect === 'sqlite' ? '' : purpose === 'update' ? ' FOR UPDATE' : ' LOCK IN SHARE MODE';
  const [row] = await session.query(`SELECT version FROM ${tables.definitions} WHERE id = 1${lock}`);
  return Number(row?.version ?? 0);
}

/**
 * Locks the version for reading, as `lockDefinitions` does, without a way to the server of its own: the transaction
 * ends with an error that `isOutOfRange` knows where the version is another one.
 */
export async function assumeDefinitions(session: SqlSession, version: number): Promise<void> {
  const sql = `SELECT 18446744073709551615 + (version <> ?) FROM ${tables.definitions} WHERE id = 1 LOCK IN SHARE MODE`;
  await session.append(sql, [version]);
}

/** Tells every process that definitions have changed. The version must be locked for it. */
export async function raiseVersion(session: SqlSession): Promise<void> {
  await session.execute(`UPDATE ${tables.definitions} SET version = version + 1 WHERE id = 1`);
}
