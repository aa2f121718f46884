import type { Definitions, SearchParameter } from '../../definitions/index.js';
import { parameterOf } from '../canonical-tests.js';
import { splitUnescaped } from '../escaping.js';
import type { SearchExpression } from '../query.js';
import type { SearchReading } from '../search-reading.js';
import { parseCompositeTest } from '../values/composite.value.js';
import { invalidFilter } from './filter-errors.js';
import type { FilterComparison, FilterStep, FilterSyntax } from './filter-syntax.js';
import { withNamedSystem } from './named-systems.js';

/** Elements whose parts a filter may compare together, by the composite parameter that pairs them. */
interface FilteredElement {
  readonly composite: string;
  /** Names inside of the filter, with the parameters that they stand for. */
  readonly parts: Readonly<Record<string, string>>;
}

/**
 * Source: FHIR R4 search_filter.html#params. The table there also names elements of Observation and ServiceRequest that
 * R4 has no search parameters for.
 */
const elements: Readonly<Record<string, Readonly<Record<string, FilteredElement>>>> = {
  Group: {
    characteristic: { composite: 'characteristic-value', parts: { code: 'characteristic', value: 'value' } },
  },
  DocumentReference: {
    relatesTo: { composite: 'relationship', parts: { code: 'relation', target: 'relatesto' } },
  },
};

export function filteredElement(
  definitions: Definitions,
  type: string,
  name: string,
): { readonly composite: SearchParameter; readonly parts: FilteredElement['parts'] } | undefined {
  const ofType = Object.hasOwn(elements, type) ? elements[type] : undefined;
  const element = ofType !== undefined && Object.hasOwn(ofType, name) ? ofType[name] : undefined;
  const composite = element && definitions.searchParameter(type, element.composite);
  return element && composite && { composite, parts: element.parts };
}

const written =
  'Write element[part eq value].part eq value, the parts being two different ones, or several of the first joined by "or".';

/**
 * `relatesTo[code eq replaces].target re DocumentReference/1`: both of the same element.
 *
 * @throws FirekeepError 400 `FHIR_SEARCH_INVALID_FILTER`, `FHIR_SEARCH_INVALID_VALUE`
 */
export function compareElement(
  comparison: FilterComparison,
  { composite, parts }: NonNullable<ReturnType<typeof filteredElement>>,
  reading: SearchReading,
): SearchExpression {
  const [element, last, ...more] = comparison.path;
  if (element?.filter === undefined || last === undefined || more.length > 0 || last.filter !== undefined) {
    throw invalidFilter(comparison.at, written);
  }
  const { definitions, bases, zone, text = 'all' } = reading;
  const context = {
    name: element.name,
    parameter: composite,
    modifier: undefined,
    definitions,
    bases,
    zone,
    text,
  };
  const tests = alternatives(element.filter, comparison.at).map((first) => {
    const values = new Map([partOf(first, lastStep(first), parts), partOf(comparison, last, parts)]);
    const texts = composite.components.map(({ definition }) => {
      const code = definitions.searchParameterByUrl(definition)?.code ?? '';
      return values.get(code);
    });
    if (texts.some((text) => text === undefined)) throw invalidFilter(first.at, written);
    return parseCompositeTest(context, texts.join('$'));
  });
  return parameterOf(element.name, composite.code, 'composite', tests);
}

function alternatives(filter: FilterSyntax, at: number): readonly FilterComparison[] {
  if (filter.kind === 'comparison') return [filter];
  if (filter.kind !== 'or') throw invalidFilter(at, written);
  return filter.operands.flatMap((operand) => alternatives(operand, at));
}

function lastStep({ path, at }: FilterComparison): FilterStep {
  const [only, ...more] = path;
  if (only === undefined || more.length > 0) throw invalidFilter(at, written);
  return only;
}

/** The parameter that a part stands for, with its value as composites have it. */
function partOf(
  { at, operator, value }: FilterComparison,
  { name }: FilterStep,
  parts: FilteredElement['parts'],
): readonly [code: string, text: string] {
  const code = Object.hasOwn(parts, name) ? parts[name] : undefined;
  if (code === undefined) {
    throw invalidFilter(at, `"${name}" is no part of the element; ${Object.keys(parts).join(' and ')} are.`);
  }
  const expected = name === 'target' ? 're' : 'eq';
  if (operator !== expected) throw invalidFilter(at, `"${name}" is compared by ${expected} here.`);
  return [code, splitUnescaped(withNamedSystem('token', value), '$').join('\\$')];
}
