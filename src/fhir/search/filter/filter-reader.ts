import type { ParameterReader, ScopedExpression } from '../parse-parameter.js';
import type { SearchExpression } from '../query.js';
import { tooComplex, unknownParameter } from '../search-errors.js';
import { refuseUnsupported } from '../unsupported-parameters.js';
import { compare } from './compare.js';
import { compareElement, filteredElement } from './element-filter.js';
import { invalidFilter, located } from './filter-errors.js';
import type { FilterComparison, FilterStep, FilterSyntax } from './filter-syntax.js';
import { parseFilterSyntax } from './parse-filter-syntax.js';

/**
 * Reads `_filter` into the expression that parameters make, so that all that holds for them holds for it.
 * Source: FHIR R4 search_filter.html.
 */
export class FilterReader {
  constructor(private readonly parameters: ParameterReader) {}

  /**
   * @param types all of them are searched
   * @throws FirekeepError 400 `FHIR_SEARCH_INVALID_FILTER`, `FHIR_SEARCH_TOO_COMPLEX`, `FHIR_SEARCH_INCOMPLETE_INDEX`
   */
  read(text: string, types: readonly string[]): SearchExpression {
    const syntax = parseFilterSyntax(text, this.parameters.limits);
    const meanings = this.meanings(syntax, types, true);
    const [only] = meanings;
    if (only !== undefined && meanings.length === 1) return only.expression;
    const operands = meanings.map(({ types: own, expression }): SearchExpression => ({
      kind: 'of-type',
      types: own,
      operand: expression,
    }));
    return { kind: 'or', operands };
  }

  /**
   * What the filter says of each of the types that have all of its parameters; each type is in one answer at most.
   *
   * @param all whether every type must have them
   */
  private meanings(syntax: FilterSyntax, types: readonly string[], all = false): readonly ScopedExpression[] {
    switch (syntax.kind) {
      case 'comparison':
        return this.comparison(syntax, types, all);
      case 'not':
        return this.meanings(syntax.operand, types, all).map((one) => ({
          types: one.types,
          expression: { kind: 'not', operand: one.expression },
        }));
      case 'and':
      case 'or':
        return together(
          syntax.kind,
          syntax.operands.map((operand) => this.meanings(operand, types, all)),
        );
    }
  }

  private comparison(
    comparison: FilterComparison,
    types: readonly string[],
    all: boolean,
  ): readonly ScopedExpression[] {
    try {
      this.parameters.countValues(1);
      const found = this.along(comparison, comparison.path, types);
      const known = found.flatMap((one) => one.types);
      if (all ? known.length < types.length : known.length === 0) {
        throw unknownParameter(comparison.path[0]?.name ?? '', types.slice(0, 5).join(', '));
      }
      return found;
    } catch (error) {
      throw located(error, comparison.at);
    }
  }

  /** The comparison for resources of the types, from a step of its path on. */
  private along(
    comparison: FilterComparison,
    [step, ...rest]: readonly FilterStep[],
    types: readonly string[],
  ): readonly ScopedExpression[] {
    if (step === undefined) throw invalidFilter(comparison.at, 'there is no name of a parameter.');
    const { name, filter } = step;
    if (rest.length === 0) return this.compared(comparison, name, types);
    if (filter !== undefined && step === comparison.path[0]) {
      const elements = this.elements(comparison, types);
      if (elements.length > 0) return elements;
    }
    return [
      this.parameters.chain(name, { code: name, type: undefined }, types, (targets) => {
        const further = this.along(comparison, rest, targets);
        if (filter === undefined) return further;
        const both = together('and', [this.meanings(filter, targets), further]);
        if (both.length > 0) return both;
        throw invalidFilter(step.at, `"${name}" leads to no type that has all of these parameters.`);
      }),
    ];
  }

  private compared(
    { operator, value }: FilterComparison,
    name: string,
    types: readonly string[],
  ): readonly ScopedExpression[] {
    const { limits, reading } = this.parameters;
    if (value.length > limits.valueLength) {
      throw tooComplex(`has a value of more than ${limits.valueLength} characters`);
    }
    refuseUnsupported({ code: name }, name, value);
    const { definitions, bases, zone, text = 'all' } = reading;
    return this.parameters.named(name, name, types, (parameter) =>
      compare({ name, parameter, modifier: undefined, definitions, bases, zone, text }, operator, value),
    );
  }

  /** For the types whose parts of an element are compared together. */
  private elements(comparison: FilterComparison, types: readonly string[]): readonly ScopedExpression[] {
    const name = comparison.path[0]?.name ?? '';
    return types.flatMap((type): ScopedExpression[] => {
      const element = filteredElement(this.parameters.reading.definitions, type, name);
      if (element === undefined) return [];
      this.parameters.cover([type], element.composite.code, name);
      return [{ types: [type], expression: compareElement(comparison, element, this.parameters.reading) }];
    });
  }
}

/** Only types that all of the answers are about can be asked for all of it. */
function together(
  kind: 'and' | 'or',
  answers: readonly (readonly ScopedExpression[])[],
): readonly ScopedExpression[] {
  const [first = [], ...others] = answers.map((answer) =>
    answer.map(({ types, expression }) => ({ types, operands: [expression] })),
  );
  const joined = others.reduce(
    (left, right) =>
      left.flatMap((one) =>
        right.flatMap((other) => {
          const types = one.types.filter((type) => other.types.includes(type));
          return types.length === 0 ? [] : [{ types, operands: [...one.operands, ...other.operands] }];
        }),
      ),
    first,
  );
  return joined.map(({ types, operands }) => ({ types, expression: { kind, operands } }));
}
