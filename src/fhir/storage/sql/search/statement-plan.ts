import { isStatementTimeout, type SqlRow, type SqlSession } from '../../../../platform/database/index.js';
import type { PlanStep } from '../../search-explanation.js';
import { keyText } from '../keys.js';
import type { Fragment } from './fragment.js';

/**
 * How the database carries a statement out. MariaDB runs it once more and tells what it read; the others tell what
 * they would do. Empty where that takes too long.
 *
 * @param timeout milliseconds
 */
export async function statementPlan(
  session: SqlSession,
  { sql, values }: Fragment,
  timeout: number,
): Promise<readonly PlanStep[]> {
  try {
    if (session.dialect === 'sqlite') {
      const rows = await session.query(`EXPLAIN QUERY PLAN ${sql}`, values, timeout);
      return rows.map(sqliteStep);
    }
    const [version] = await session.query('SELECT VERSION() AS version');
    const verb = keyText(version?.version).includes('MariaDB') ? 'ANALYZE' : 'EXPLAIN';
    const rows = await session.query(`${verb} ${sql}`, values, timeout);
    return rows.map(mysqlStep);
  } catch (error) {
    if (isStatementTimeout(error)) return [];
    throw error;
  }
}

/** `SEARCH d USING INDEX resource_order (repository=? AND type=?)` */
function sqliteStep(row: SqlRow): PlanStep {
  const detail = keyText(row.detail);
  const table = /^(?:SEARCH|SCAN) (\w+)/.exec(detail)?.[1] ?? null;
  const index = /USING (?:COVERING )?INDEX (\w+)/.exec(detail)?.[1];
  const primary = /USING (?:INTEGER )?PRIMARY KEY/.test(detail) ? 'PRIMARY' : null;
  return { table, index: index ?? primary, estimated: null, read: null, detail };
}

function mysqlStep(row: SqlRow): PlanStep {
  const number = (value: unknown): number | null =>
    value === null || value === undefined || value === '' ? null : Number(value);
  const text = (value: unknown): string | null =>
    value === null || value === undefined ? null : keyText(value);
  const detail = [text(row.select_type), text(row.type), text(row.Extra)].filter((part) => part !== null);
  return {
    table: text(row.table),
    index: text(row.key),
    estimated: number(row.rows),
    read: number(row.r_rows),
    detail: detail.filter((part) => part !== '').join(', '),
  };
}
