import { isUtf8 } from 'node:buffer';
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
  if (Buffer.isBuffer(value)) return bytesLiteral(value);
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError('not a number of SQL');
  return String(value);
}

/** What ends a literal, or is read otherwise than it stands there. */
const quoted = /['\\]/g;

/**
 * Bytes that are text stand in the statement as they are: for the body of a resource less than half of the work that
 * hexadecimal digits are. `_binary` keeps the server from looking at characters. Right for connections whose
 * character set is UTF-8, which all are.
 */
function bytesLiteral(bytes: Buffer): string {
  if (!isText(bytes)) return `X'${bytes.toString('hex')}'`;
  return `_binary'${bytes.toString('utf8').replace(quoted, String.raw`\$&`)}'`;
}

/** Length of a literal of bytes, in bytes of the statement. */
export function bytesLiteralLength(bytes: Buffer): number {
  if (!isText(bytes)) return "X''".length + 2 * bytes.length;
  let length = "_binary''".length + bytes.length;
  for (const byte of bytes) if (byte === 0x27 || byte === 0x5c) length++;
  return length;
}

function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}
