import type { ParameterValues } from '../index-values.js';
import type { SearchExpression } from '../query.js';
import { matchesRange } from './range.match.js';
import { matchesValue } from './value.match.js';

/** A resource as a search sees it, whether it is stored or still to be written. */
export interface SearchableResource {
  /** Asked for only where the filter tells types apart. */
  readonly type?: string;
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly lastUpdated: number;
  readonly values: readonly ParameterValues[];
}

/** Whether a resource of a searched type passes the filter of a search: what the statements would say of it. */
export function matchesFilter(resource: SearchableResource, filter: readonly SearchExpression[]): boolean {
  return filter.every((expression) => matchesExpression(resource, expression));
}

function matchesExpression(resource: SearchableResource, expression: SearchExpression): boolean {
  switch (expression.kind) {
    case 'and':
      return matchesFilter(resource, expression.operands);
    case 'or':
      return expression.operands.some((operand) => matchesExpression(resource, operand));
    case 'not':
      return !matchesExpression(resource, expression.operand);
    case 'of-type':
      if (resource.type === undefined) throw new Error('The filter asks for the type of the resource.');
      return expression.types.includes(resource.type) && matchesExpression(resource, expression.operand);
    case 'id':
      return expression.ids.includes(resource.id);
    case 'last-updated':
      return matchesRange(expression, { low: resource.lastUpdated, high: resource.lastUpdated });
    case 'present':
      return valuesOf(resource, expression.code).some(({ type }) => type === expression.type);
    case 'parameter':
      return valuesOf(resource, expression.code).some((value) =>
        expression.anyOf.some((test) => matchesValue(value, test)),
      );
  }
}

function valuesOf({ values }: SearchableResource, code: string): ParameterValues['values'] {
  return values.find((parameter) => parameter.code === code)?.values ?? [];
}
