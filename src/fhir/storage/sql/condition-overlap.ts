import { valuesOfCode } from '../../search/derived-values.js';
import type { CompositeValue, IndexValue, ParameterValues } from '../../search/index-values.js';
import type {
  ParameterExpression,
  ParameterTest,
  SearchExpression,
  SearchQuery,
} from '../../search/query.js';
import type { PlannedWrite, ResourceIdentity } from '../ports.js';

/** A search that a unit bases its decision on, with what it found before anything of the group was written. */
export interface EvaluatedCondition {
  readonly query: SearchQuery;
  readonly matches: readonly ResourceIdentity[];
}

/**
 * Whether a write, planned in the same transaction and not yet in the tables, may change what a condition finds.
 * In doubt it may: the unit then waits for the next transaction, which costs time and never a duplicate.
 */
export function mayChange(condition: EvaluatedCondition, write: PlannedWrite): boolean {
  const { query, matches } = condition;
  if (matches.some(({ type, id }) => type === write.type && id === write.id)) return true;
  if (!query.filter.every(isPlain)) return true;
  if (!query.types.includes(write.type) || write.kind === 'delete') return false;
  return !query.filter.some((expression) => cannotHold(expression, write.id, write.values));
}

/** Whether the expression looks at nothing but the resource itself, in ways that are known here. */
function isPlain(expression: SearchExpression): boolean {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return expression.operands.every(isPlain);
    case 'not':
      return isPlain(expression.operand);
    case 'id':
    case 'last-updated':
    case 'present':
    case 'parameter':
      return true;
    default:
      return false;
  }
}

function cannotHold(expression: SearchExpression, id: string, values: readonly ParameterValues[]): boolean {
  switch (expression.kind) {
    case 'and':
      return expression.operands.some((operand) => cannotHold(operand, id, values));
    case 'or':
      return expression.operands.every((operand) => cannotHold(operand, id, values));
    case 'id':
      return !expression.ids.includes(id);
    case 'present':
      return !values.some((parameter) => parameter.code === expression.code && parameter.values.length > 0);
    case 'parameter':
      return cannotMatch(expression, values);
    default:
      return false;
  }
}

const plainFields = new Set(['kind', 'code', 'type', 'anyOf']);

function cannotMatch(expression: ParameterExpression, values: readonly ParameterValues[]): boolean {
  // A modifier may turn the meaning round.
  if (Object.keys(expression).some((field) => !plainFields.has(field))) return false;
  return !valuesOfCode(values, expression.code).some((value) =>
    expression.anyOf.some((test) => mayMatch(value, test)),
  );
}

function mayMatch(value: IndexValue | CompositeValue, test: ParameterTest): boolean {
  if (value.type === 'token' && test.type === 'token') {
    const sameCode = test.code === undefined || value.code?.toLowerCase() === test.code.toLowerCase();
    return sameCode && (test.system === undefined || value.system === test.system);
  }
  if (value.type === 'reference' && test.type === 'reference') {
    if (test.url !== undefined) return value.url !== null && test.url.startsWith(value.url);
    return value.targetId === test.targetId;
  }
  return true;
}
