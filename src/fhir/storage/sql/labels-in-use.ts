import {
  deadlineCondition,
  isStatementTimeout,
  type Database,
  type SqlRow,
  type SqlSession,
  type SqlValue,
} from '../../../platform/database/index.js';
import type { RestrictedQuery } from '../../search/restricted-query.js';
import type { StoredLabel, StoredLabels } from '../labels.js';
import { keyText, tables } from './keys.js';
import { ReadSession } from './read-session.js';
import { allOf, compose, sql } from './search/fragment.js';
import type { SqlSearch } from './search/sql-search.js';
import { StatementRun } from './search/statement-run.js';
import { tooCostly } from './search/statement-patience.js';

const limit = 1_000;

/** Marks a key that holds the digest of a text in place of its end. */
const digestMark = '\u0001';

/** Labels from the search index, which has them for current versions only. */
export class SqlLabelsInUse implements StoredLabels {
  private readonly session: SqlSession;

  /** @param timeout milliseconds that the statements may take together */
  constructor(
    private readonly database: Database,
    private readonly search: Pick<SqlSearch, 'matched'>,
    private readonly timeout: number,
  ) {
    this.session = new ReadSession(database);
  }

  async inUse(query: RestrictedQuery): Promise<readonly StoredLabel[]> {
    const select =
      query.access === undefined
        ? (parameter: string, columns: Columns) => this.ofTypes(parameter, columns, query)
        : await this.ofMatches(query);
    const profiles = await select('_profile', uriColumns);
    const security = await select('_security', tokenColumns);
    const tags = await select('_tag', tokenColumns);
    return [
      ...profiles.map((row) => labelOf('profile', row)),
      ...security.map((row) => labelOf('security', row)),
      ...tags.map((row) => labelOf('tag', row)),
    ].filter(({ code }) => !code.includes(digestMark));
  }

  /** Of whatever is stored. */
  private async ofTypes(
    parameter: string,
    { columns, table, join }: Columns,
    { repository, types }: RestrictedQuery,
  ): Promise<readonly SqlRow[]> {
    const isMysql = this.database.dialect === 'mysql';
    const marks = types.map(() => '?').join(', ');
    const values: SqlValue[] = [repository, parameter, ...types, limit];
    const statement =
      `SELECT DISTINCT ${columns} FROM ${tables.repository} r ` +
      `JOIN ${tables.parameter} p ON p.repository = r.id JOIN ${table} i ON i.param = p.id ${join} ` +
      `WHERE ${isMysql ? '' : `${deadlineCondition('i.rid')} AND `}r.name = ? AND p.code = ? ` +
      `AND p.type IN (SELECT id FROM ${tables.type} WHERE name IN (${marks})) ORDER BY 1, 2 LIMIT ?`;
    try {
      return await this.database.query(statement, values, this.timeout);
    } catch (thrown) {
      throw isStatementTimeout(thrown) ? tooCostly(thrown) : thrown;
    }
  }

  /** Of what the search finds. */
  private async ofMatches(
    query: RestrictedQuery,
  ): Promise<(parameter: string, columns: Columns) => Promise<readonly SqlRow[]>> {
    const run = new StatementRun(this.session, this.timeout);
    const matched = await this.search.matched(run, query);
    return (parameter, { columns, table, join }) => {
      if (matched === undefined) return Promise.resolve([]);
      const { rids, names } = matched;
      const ofParameter = sql(
        `i.param IN (SELECT p.id FROM ${tables.parameter} p WHERE p.repository = ? AND p.code = ?)`,
        names.repository,
        parameter,
      );
      return run.rows(
        'page',
        compose(
          `SELECT DISTINCT ${columns} FROM (#) m JOIN ${table} i ON i.rid = m.rid ${join} WHERE # ORDER BY 1, 2 LIMIT ?`,
          rids,
          allOf([...(run.deadline === null ? [] : [run.deadline.ofRows('i')]), ofParameter]),
          sql('', limit),
        ),
      );
    };
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
