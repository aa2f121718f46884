import {
  deadlineCondition,
  isStatementTimeout,
  type Database,
  type SqlRow,
  type SqlValue,
} from '../../../platform/database/index.js';
import type { StoredLabel, StoredLabels } from '../labels.js';
import { keyText, tables } from './keys.js';
import { tooCostly } from './search/statement-patience.js';

const limit = 1_000;

/** Marks a key that holds the digest of a text in place of its end. */
const digestMark = '\u0001';

/** Labels from the search index, which has them for current versions only. */
export class SqlLabelsInUse implements StoredLabels {
  /** @param timeout milliseconds that a statement may take */
  constructor(
    private readonly database: Database,
    private readonly timeout: number,
  ) {}

  async inUse(repository: string, type: string | undefined): Promise<readonly StoredLabel[]> {
    const profiles = await this.select('_profile', uriColumns, repository, type);
    const security = await this.select('_security', tokenColumns, repository, type);
    const tags = await this.select('_tag', tokenColumns, repository, type);
    return [
      ...profiles.map((row) => labelOf('profile', row)),
      ...security.map((row) => labelOf('security', row)),
      ...tags.map((row) => labelOf('tag', row)),
    ].filter(({ code }) => !code.includes(digestMark));
  }

  private async select(
    parameter: string,
    { columns, table, join }: Columns,
    repository: string,
    type: string | undefined,
  ): Promise<readonly SqlRow[]> {
    const ofType = type === undefined ? '' : ` AND p.type = (SELECT id FROM ${tables.type} WHERE name = ?)`;
    const isMysql = this.database.dialect === 'mysql';
    const values: SqlValue[] = [repository, parameter, ...(type === undefined ? [] : [type]), limit];
    const statement =
      `SELECT DISTINCT ${columns} FROM ${tables.repository} r ` +
      `JOIN ${tables.parameter} p ON p.repository = r.id JOIN ${table} i ON i.param = p.id ${join} ` +
      `WHERE ${isMysql ? '' : `${deadlineCondition('i.rid')} AND `}r.name = ? AND p.code = ?${ofType} ORDER BY 1, 2 LIMIT ?`;
    try {
      return await this.database.query(statement, values, this.timeout);
    } catch (thrown) {
      throw isStatementTimeout(thrown) ? tooCostly(thrown) : thrown;
    }
  }
}

interface Columns {
  readonly columns: string;
  readonly table: string;
  readonly join: string;
}

const uriColumns: Columns = { columns: 'NULL AS system_uri, i.value AS code', table: tables.uri, join: '' };

const tokenColumns: Columns = {
  columns: 's.uri AS system_uri, i.code AS code',
  table: tables.token,
  join: `LEFT JOIN ${tables.system} s ON s.id = i.system_id`,
};

function labelOf(kind: StoredLabel['kind'], row: SqlRow): StoredLabel {
  const system = row.system_uri === null ? '' : keyText(row.system_uri);
  return { kind, system: system === '' ? undefined : system, code: keyText(row.code) };
}
