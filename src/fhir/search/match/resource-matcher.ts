import { valuesOfCode } from '../derived-values.js';
import { isWithin } from '../geography/sphere.js';
import type { CompositeValue, IndexValue, ParameterValues } from '../index-values.js';
import type { ParameterExpression, SearchExpression } from '../query.js';
import { TERMS } from '../text/text-index.js';
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

/** Whether one of these resources fulfils the operand; undefined: it isn't known. */
export type AskOthers = (
  resources: readonly { readonly type: string; readonly id: string }[],
  operand: SearchExpression,
) => boolean | undefined;

/**
 * Whether a resource of a searched type passes the filter of a search: what the statements would say of it.
 *
 * @param ask absent: nothing is known of other resources
 * @returns undefined where it depends on other resources (chains, `_has`) and nothing of its own decides
 */
export function matchesFilter(
  resource: SearchableResource,
  filter: readonly SearchExpression[],
  ask?: AskOthers,
): boolean | undefined {
  return every(filter.map((expression) => matchesExpression(resource, expression, ask)));
}

function every(answers: readonly (boolean | undefined)[]): boolean | undefined {
  if (answers.includes(false)) return false;
  return answers.includes(undefined) ? undefined : true;
}

const opposite = (answer: boolean | undefined): boolean | undefined =>
  answer === undefined ? undefined : !answer;

function matchesExpression(
  resource: SearchableResource,
  expression: SearchExpression,
  ask: AskOthers | undefined,
): boolean | undefined {
  switch (expression.kind) {
    case 'and':
      return matchesFilter(resource, expression.operands, ask);
    case 'or':
      return opposite(
        every(expression.operands.map((operand) => opposite(matchesExpression(resource, operand, ask)))),
      );
    case 'not':
      return opposite(matchesExpression(resource, expression.operand, ask));
    case 'of-type':
      if (resource.type === undefined) throw new Error('The filter asks for the type of the resource.');
      return expression.types.includes(resource.type)
        ? matchesExpression(resource, expression.operand, ask)
        : false;
    case 'chain': {
      const referred = valuesOfCode(resource.values, expression.code).flatMap((value) =>
        value.type === 'reference' && expression.targets.includes(value.targetType ?? '')
          ? [{ type: value.targetType ?? '', id: value.targetId ?? '' }]
          : [],
      );
      return referred.length === 0 ? false : ask?.(referred, expression.operand);
    }
    case 'has':
      return resource.type === undefined
        ? undefined
        : ask?.([{ type: resource.type, id: resource.id }], expression);
    case 'lookup':
      throw new Error('Lookups are resolved before anything is matched.');
    case 'id':
      return expression.ids.includes(resource.id);
    case 'last-updated':
      return matchesRange(expression, { low: resource.lastUpdated, high: resource.lastUpdated });
    case 'present':
      return valuesOfCode(resource.values, expression.code).some(({ type }) => type === expression.type);
    case 'words':
      return hasWords(resource, expression);
    case 'near':
      return valuesOfCode(resource.values, expression.code).some(
        (value) => value.type === 'position' && expression.circles.some((circle) => isWithin(circle, value)),
      );
    case 'parameter':
      return matchesParameter(resource, expression);
  }
}

function hasWords(
  { values }: SearchableResource,
  { on, anyOf }: SearchExpression & { readonly kind: 'words' },
): boolean {
  const terms = valuesOfCode(values, TERMS).flatMap((value) =>
    value.type === 'term' && (on === 'content' || value.narrative) ? [value.term] : [],
  );
  return anyOf.some((words) =>
    words.every(({ term, prefix }) =>
      prefix ? terms.some((one) => one.startsWith(term)) : terms.includes(term),
    ),
  );
}

function matchesParameter(
  { values }: SearchableResource,
  { code, type, anyOf, except }: ParameterExpression,
): boolean {
  const passes = (value: IndexValue | CompositeValue): boolean =>
    anyOf.some((test) => matchesValue(value, test));
  return valuesOfCode(values, code).some((value) =>
    except === true ? value.type === type && isComparable(value) && !passes(value) : passes(value),
  );
}

function isComparable(value: IndexValue | CompositeValue): boolean {
  return value.type !== 'token' || (value.code ?? value.system) !== null;
}
