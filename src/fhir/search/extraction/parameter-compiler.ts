import type { Definitions, SearchParameter } from '../../definitions/index.js';
import type { CompositeValue, IndexValue } from '../index-values.js';
import { converterFor } from './converter.js';
import { parseExpression } from './expression.js';
import { compileExpression, sequence } from './expression-compiler.js';
import { selectsOne } from './single-valued.js';
import type { Run, Visit } from './visit.js';

/** A search parameter compiled for one resource type. */
export interface CompiledParameter {
  readonly code: string;
  /** Appends the values of the resource to those of the run. */
  readonly visit: Visit;
  /** A date of which a resource has one value at the most, by the definitions. */
  readonly single: boolean;
}

/**
 * A composite pairs every value of one component with every value of the others, so that a few kilobytes of
 * codings could stand for millions of pairs; what goes beyond is not indexed.
 */
const MAX_COMPOSITE_VALUES = 10_000;

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

/** Appends every combination of one value a component, as far as the limit allows. */
function combine(components: readonly (readonly IndexValue[])[], into: Run['values']): void {
  const limit = MAX_COMPOSITE_VALUES - into.length;
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
  for (const combination of combinations) into.push({ type: 'composite', components: combination });
}

function isSimple(value: IndexValue | CompositeValue): value is IndexValue {
  return value.type !== 'composite';
}

/** Takes elements that a composite selects; undefined where a component can't have a value there. */
function compileElement(
  parameter: SearchParameter,
  definitions: Definitions,
  start: string,
  resource: string,
): Visit | undefined {
  const visits = parameter.components.map(({ definition, expression }) => {
    const component = definitions.searchParameterByUrl(definition);
    return component && compileValues(component, expression, definitions, start, resource);
  });
  const components = visits.filter((visit) => visit !== undefined);
  if (components.length === 0 || components.length < visits.length) return undefined;
  return (element, owner, key, run) => {
    const collected = run.values;
    const lists: IndexValue[][] = [];
    for (const visit of components) {
      run.values = [];
      visit(element, owner, key, run);
      if (run.values.length === 0) break;
      lists.push(run.values.filter(isSimple));
    }
    run.values = collected;
    if (lists.length === components.length) combine(lists, collected);
  };
}

function compileComposite(
  parameter: SearchParameter,
  expression: string,
  definitions: Definitions,
  resource: string,
): Visit | undefined {
  const forks = compileExpression(parseExpression(expression), definitions, resource, resource);
  const visits = forks.flatMap((fork) => {
    const element = compileElement(parameter, definitions, fork.target.type.code, resource);
    return element ? [fork.bind(element)] : [];
  });
  return visits.length === 0 ? undefined : sequence(visits);
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
  const { code, expression, usage } = parameter;
  // Phonetic matching is not supported; the names are indexed under `name` already.
  if (expression === null || usage === 'phonetic') return undefined;
  const visit =
    parameter.type === 'composite'
      ? compileComposite(parameter, expression, definitions, type)
      : compileValues(parameter, expression, definitions, type, type);
  if (visit === undefined) return undefined;
  const single = parameter.type === 'date' && selectsOne(expression, definitions, type);
  return { code, visit: single ? firstOf(visit) : visit, single };
}

/** What was stored without validation may hold more than the definitions permit. */
function firstOf(visit: Visit): Visit {
  return (value, owner, key, run) => {
    const start = run.values.length;
    visit(value, owner, key, run);
    run.values.length = Math.min(run.values.length, start + 1);
  };
}
