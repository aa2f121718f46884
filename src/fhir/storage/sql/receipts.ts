import {
  insertRows,
  listConditions,
  type SqlSession,
  type SqlValue,
} from '../../../platform/database/index.js';
import { FirekeepError } from '../../../platform/errors/index.js';
import type { WriteReceipt } from '../ports.js';
import { tables } from './keys.js';

/** What a MEDIUMBLOB and a usual max_allowed_packet take, with room for the rest of the statement. */
const LONGEST_ANSWER = 4 * 1024 * 1024;

/** A receipt that was given before. */
export interface StoredReceipt {
  readonly request: Buffer;
  readonly answer: string;
}

/** A receipt to be written with the changes that it answers. */
export interface ReceiptRow {
  readonly key: Buffer;
  readonly request: Buffer;
  /** Milliseconds since the epoch. */
  readonly expires: number;
  readonly answer: string;
}

/** The receipts of these keys that have not expired, by the key in hexadecimal digits. */
export async function findReceipts(
  session: SqlSession,
  keys: readonly Buffer[],
  now: number,
): Promise<ReadonlyMap<string, StoredReceipt>> {
  const found = new Map<string, StoredReceipt>();
  const lists = listConditions(
    session.dialect,
    ['receipt_key'],
    keys.map((key) => [key]),
  );
  for (const { sql, values } of lists) {
    const rows = await session.query(
      `SELECT receipt_key, request, answer FROM ${tables.receipt} WHERE ${sql} AND expires > ?`,
      [...values, now],
    );
    for (const row of rows) {
      const answer = (row.answer as Buffer).toString('utf8');
      found.set((row.receipt_key as Buffer).toString('hex'), { request: row.request as Buffer, answer });
    }
  }
  return found;
}

/** Writes receipts; those of expired ones with the same key are overwritten. */
export async function insertReceipts(session: SqlSession, rows: readonly ReceiptRow[]): Promise<void> {
  const columns = ['receipt_key', 'request', 'expires', 'answer'];
  const changed = columns.slice(1);
  const suffix =
    session.dialect === 'sqlite'
      ? `ON CONFLICT (receipt_key) DO UPDATE SET ${changed.map((name) => `${name} = excluded.${name}`).join(', ')}`
      : `ON DUPLICATE KEY UPDATE ${changed.map((name) => `${name} = VALUES(${name})`).join(', ')}`;
  await insertRows(
    session,
    { table: tables.receipt, columns, suffix },
    rows.map(({ key, request, expires, answer }): SqlValue[] => [key, request, expires, Buffer.from(answer)]),
  );
}

/** @throws FirekeepError `FHIR_IDEMPOTENCY_ANSWER_TOO_LARGE` */
export function receiptRow(receipt: WriteReceipt<unknown>, result: unknown, now: number): ReceiptRow {
  const answer = receipt.encode(result);
  if (answer.length * 3 > LONGEST_ANSWER && Buffer.byteLength(answer) > LONGEST_ANSWER) {
    throw new FirekeepError(
      'too-large',
      'FHIR_IDEMPOTENCY_ANSWER_TOO_LARGE',
      'The Bundle has too many entries for its answer to be kept. Nothing was changed; send it in parts.',
    );
  }
  return { key: receipt.key, request: receipt.request, expires: now + receipt.lifetime, answer };
}

/** @throws FirekeepError `FHIR_IDEMPOTENCY_KEY_REUSED` where the receipt is of another request */
export function answerFrom(receipt: WriteReceipt<unknown>, stored: StoredReceipt): unknown {
  if (!stored.request.equals(receipt.request)) {
    throw new FirekeepError(
      'unprocessable',
      'FHIR_IDEMPOTENCY_KEY_REUSED',
      'The Idempotency-Key was used for another request. Give each request a key of its own.',
    );
  }
  return receipt.decode(stored.answer);
}
