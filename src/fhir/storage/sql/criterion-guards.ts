import { createHash } from 'node:crypto';
import { insertRows, type SqlSession } from '../../../platform/database/index.js';
import type { SearchExpression, SearchQuery } from '../../search/query.js';
import { tables } from './keys.js';

/** As many guards as two bytes tell apart: two criteria in one slot only wait for each other without need. */
const SLOT_BYTES = 2;

/**
 * Keeps transactions with equal criteria or receipts apart until they end, so that of two equal conditional
 * creates, or of a request and its repetition, the second sees what the first has made. One sorted statement takes all guards: it never deadlocks, which INSERT
 * IGNORE with a locking read does. SQLite has one writer and needs none.
 */
export async function takeGuards(
  session: SqlSession,
  conditions: readonly SearchQuery[],
  receiptKeys: readonly Buffer[] = [],
): Promise<void> {
  if (session.dialect === 'sqlite' || conditions.length + receiptKeys.length === 0) return;
  const taken = [...conditions.map(slotOf), ...receiptKeys.map((key) => key.readUIntBE(0, SLOT_BYTES))];
  const slots = [...new Set(taken)].sort((a, b) => a - b);
  const suffix = 'ON DUPLICATE KEY UPDATE slot = VALUES(slot)';
  await insertRows(
    session,
    { table: tables.guard, columns: ['slot'], suffix },
    slots.map((slot) => [slot]),
  );
}

function slotOf(query: SearchQuery): number {
  const digest = createHash('sha256').update(criterionText(query)).digest();
  return digest.readUIntBE(0, SLOT_BYTES);
}

/** The same text for the same criterion, whatever the order of its parts. */
export function criterionText(query: SearchQuery): string {
  return JSON.stringify([query.repository, [...query.types].sort(), sortedTexts(query.filter)]);
}

function expressionText(expression: SearchExpression): string {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return JSON.stringify([expression.kind, sortedTexts(expression.operands)]);
    case 'parameter': {
      const anyOf = expression.anyOf.map((test) => JSON.stringify(test)).sort();
      return JSON.stringify({ ...expression, anyOf });
    }
    default:
      return JSON.stringify(expression);
  }
}

function sortedTexts(expressions: readonly SearchExpression[]): string[] {
  return expressions.map(expressionText).sort();
}
