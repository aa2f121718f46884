import type { Definitions, SearchParameter } from '../../definitions/index.js';
import type { CompositeValue, IndexValue } from '../index-values.js';
import { converterFor } from './converter.js';
import { distinct } from './distinct.js';
import { parseExpression } from './expression.js';
import { compileExpression, sequence } from './expression-compiler.js';
import type { Run, Visit } from './visit.js';

/** A search parameter compiled for one resource type. */
export interface CompiledParameter {
  readonly code: string;
  /** Values of one resource, each once, in the order of the expression's branches. */
  evaluate(resource: unknown, context: Run['context']): (IndexValue | CompositeValue)[];
}

/**
 * A composite pairs every value of one component with every value of the others, so that a few kilobytes of
 * codings could stand for millions of pairs; what goes beyond is not indexed.
 */
const MAX_COMPOSITE_VALUES = 10_000;

const ROOT: object = Object.freeze({});

/** The steps from elements of `start` to the values of a parameter; undefined: none of its paths fits. */
function compileValues(
  parameter: Pick<SearchParameter, 'type' | 'targets'>,
  expression: string,
  definitions: Definitions,
  start: string,
  resource: string,
): Visit | undefined {
  const forks = compileExpression(parseExpression(expression), definitions, start, resource);
  const visits = forks.flatMap((fork) => {
    const convert = converterFor(parameter, fork.target, definitions);
    return convert ? [fork.bind(convert)] : [];
  });
  return visits.length === 0 ? undefined : sequence(visits);
}

/** Every combination of one value a component, as far as the limit allows. */
function combine(
  components: readonly (readonly IndexValue[])[],
  limit: number,
): readonly (readonly IndexValue[])[] {
  let combinations: (readonly IndexValue[])[] = [[]];
  for (const values of components) {
    const longer: (readonly IndexValue[])[] = [];
    for (const combination of combinations) {
      for (const value of values) {
        if (longer.length >= limit) break;
        longer.push([...combination, value]);
      }
    }
    combinations = longer;
  }
  return combinations;
}

/** For each element of a type: its components' values, combined. */
function compileElement(
  parameter: SearchParameter,
  definitions: Definitions,
  start: string,
  resource: string,
): ((element: unknown, run: Run, into: CompositeValue[]) => void) | undefined {
  const visits = parameter.components.map(({ definition, expression }) => {
    const component = definitions.searchParameterByUrl(definition);
    return component && compileValues(component, expression, definitions, start, resource);
  });
  const components = visits.filter((visit) => visit !== undefined);
  if (components.length === 0 || components.length < visits.length) return undefined;
  return (element, run, into) => {
    const lists: IndexValue[][] = [];
    for (const visit of components) {
      const values: IndexValue[] = [];
      visit(element, ROOT, '', { ...run, values });
      if (values.length === 0) return;
      lists.push(values);
    }
    for (const combination of combine(lists, MAX_COMPOSITE_VALUES - into.length)) {
      into.push({ type: 'composite', components: combination });
    }
  };
}

function compileComposite(
  parameter: SearchParameter,
  expression: string,
  definitions: Definitions,
  resource: string,
): CompiledParameter | undefined {
  const elements = compileExpression(parseExpression(expression), definitions, resource, resource).flatMap(
    (fork) => {
      const element = compileElement(parameter, definitions, fork.target.type.code, resource);
      return element ? [{ fork, element }] : [];
    },
  );
  if (elements.length === 0) return undefined;
  return {
    code: parameter.code,
    evaluate(value, context) {
      const found: CompositeValue[] = [];
      const run: Run = { context, resource: value, values: [] };
      for (const { fork, element } of elements) {
        fork.bind((item) => element(item, run, found))(value, ROOT, '', run);
      }
      return distinct(found);
    },
  };
}

/**
 * Compiles a search parameter for a resource type. Undefined where it gives no index values: it has no
 * expression, it is of a special kind, or no path of it fits the type. Throws UnsupportedExpression for an
 * expression outside the subset.
 */
export function compileParameter(
  parameter: SearchParameter,
  definitions: Definitions,
  type: string,
): CompiledParameter | undefined {
  const { expression } = parameter;
  if (expression === null) return undefined;
  if (parameter.type === 'composite') return compileComposite(parameter, expression, definitions, type);
  const visit = compileValues(parameter, expression, definitions, type, type);
  if (!visit) return undefined;
  return {
    code: parameter.code,
    evaluate(resource, context) {
      const values: IndexValue[] = [];
      visit(resource, ROOT, '', { context, resource, values });
      return distinct(values);
    },
  };
}
