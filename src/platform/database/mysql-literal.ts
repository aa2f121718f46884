import { escape } from 'mysql2';
import type { SqlValue } from './sql-session.js';

/** What a string literal must not hold as it is. */
const special = /['\\\0\b\t\n\r\x1a"]/;

/**
 * A value as a literal of MySQL, for statements of many rows: the driver's placeholders cost seven times as much
 * a value. Right for sessions without NO_BACKSLASH_ESCAPES, which `openDatabase` sets.
 *
 * @throws RangeError for a number that is none
 */
export function mysqlLiteral(value: SqlValue): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return special.test(value) ? escape(value) : `'${value}'`;
  if (Buffer.isBuffer(value)) return `X'${value.toString('hex')}'`;
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError('not a number of SQL');
  return String(value);
}
