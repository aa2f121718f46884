import { mysqlLiteral } from './mysql-literal.js';
import type { Dialect, SqlSession, SqlValue } from './sql-session.js';

/** Rows, columns and text that a statement with many rows is made of. */
export interface RowTarget {
  readonly table: string;
  readonly columns: readonly string[];
  /** Behind the rows, for example ON DUPLICATE KEY UPDATE. */
  readonly suffix?: string;
}

/**
 * Rows that one statement takes on SQLite: few numbers, so that each text is prepared once. There are no round
 * trips to save there.
 */
const SQLITE_SIZES = [64, 16, 4, 1];
/** Numbers to which lists in a condition are filled up, with their last value again. */
const LIST_SIZES = [1, 4, 16, 64, 256];
const LONGEST_LIST = 256;
/** A statement of MySQL grows no longer than this, in characters, unless one row alone is. */
const STATEMENT_LENGTH = 2 * 1024 * 1024;

/** Inserts rows, in as few statements as the database takes well. */
export async function insertRows(
  session: SqlSession,
  target: RowTarget,
  rows: readonly (readonly SqlValue[])[],
): Promise<void> {
  if (rows.length === 0) return;
  const head = `INSERT INTO ${target.table} (${target.columns.join(', ')}) VALUES `;
  const suffix = target.suffix === undefined ? '' : ` ${target.suffix}`;
  if (session.dialect === 'mysql') await insertLiterals(session, head, rows, suffix);
  else await insertPrepared(session, head, rows, suffix);
}

async function insertPrepared(
  session: SqlSession,
  head: string,
  rows: readonly (readonly SqlValue[])[],
  suffix: string,
): Promise<void> {
  for (let start = 0; start < rows.length;) {
    const left = rows.length - start;
    const count = SQLITE_SIZES.find((size) => size <= left) ?? 1;
    const values: SqlValue[] = [];
    for (let place = start; place < start + count; place++) {
      for (const value of rows[place] ?? []) values.push(value);
    }
    await session.append(preparedText(head, rows[0]?.length ?? 0, count, suffix), values);
    start += count;
  }
}

/** By head and suffix, of which there are a few a table: the driver finds a statement by its text, the same string again. */
const preparedTexts = new Map<string, Map<number, string>>();

function preparedText(head: string, columns: number, count: number, suffix: string): string {
  const key = head + suffix;
  const texts = preparedTexts.get(key) ?? new Map<number, string>();
  preparedTexts.set(key, texts);
  const known = texts.get(count);
  if (known !== undefined) return known;
  const row = `(${Array<string>(columns).fill('?').join(', ')})`;
  const text = `${head}${`${row}, `.repeat(count - 1)}${row}${suffix}`;
  texts.set(count, text);
  return text;
}

async function insertLiterals(
  session: SqlSession,
  head: string,
  rows: readonly (readonly SqlValue[])[],
  suffix: string,
): Promise<void> {
  let list = '';
  for (const row of rows) {
    const text = rowLiteral(row);
    if (list !== '' && list.length + text.length > STATEMENT_LENGTH) {
      await session.append(head + list + suffix);
      list = '';
    }
    list += list === '' ? text : `, ${text}`;
  }
  await session.append(head + list + suffix);
}

function rowLiteral(row: readonly SqlValue[]): string {
  let text = '(';
  for (let place = 0; place < row.length; place++) {
    text += (place === 0 ? '' : ', ') + mysqlLiteral(row[place] ?? null);
  }
  return `${text})`;
}

/** A condition on a list of rows: what follows WHERE, and its values. */
export interface ListCondition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/**
 * Conditions "the columns are one of these rows", a few hundred rows each. The form is the one that each database
 * answers by reading its index once a row: OR on MySQL and MariaDB, since MariaDB scans for a row constructor;
 * a list of values on SQLite, where a long OR is refused as too deep.
 */
export function* listConditions(
  dialect: Dialect,
  columns: readonly string[],
  rows: readonly (readonly SqlValue[])[],
): Generator<ListCondition> {
  for (let start = 0; start < rows.length; start += LONGEST_LIST) {
    const chunk = rows.slice(start, start + LONGEST_LIST);
    const size = LIST_SIZES.find((candidate) => candidate >= chunk.length) ?? LONGEST_LIST;
    const last = chunk.at(-1) ?? [];
    while (chunk.length < size) chunk.push(last);
    yield { sql: listSql(dialect, columns, size), values: chunk.flat() };
  }
}

function listSql(dialect: Dialect, columns: readonly string[], size: number): string {
  const [first = ''] = columns;
  if (columns.length === 1) return `${first} IN (${Array<string>(size).fill('?').join(', ')})`;
  if (dialect === 'sqlite') {
    const row = `(${columns.map(() => '?').join(', ')})`;
    return `(${columns.join(', ')}) IN (VALUES ${Array<string>(size).fill(row).join(', ')})`;
  }
  const row = `(${columns.map((column) => `${column} = ?`).join(' AND ')})`;
  return `(${Array<string>(size).fill(row).join(' OR ')})`;
}
