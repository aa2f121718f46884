import type { SearchExpression } from './query.js';

/** Whether expressions look at values of one of these parameters, by code. */
export function usesParameters(
  expressions: readonly SearchExpression[],
  codes: ReadonlySet<string>,
): boolean {
  if (codes.size === 0) return false;
  return expressions.some((expression) => {
    // What modifiers search has codes of its own: `code:text`.
    if ('code' in expression && codes.has(expression.code.split(':', 1)[0] ?? '')) return true;
    if ('operands' in expression) return usesParameters(expression.operands, codes);
    return 'operand' in expression && usesParameters([expression.operand], codes);
  });
}
