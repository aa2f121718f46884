import { shown, tooComplex } from '../search-errors.js';
import type { SearchLimits } from '../search-limits.js';
import { invalidFilter } from './filter-errors.js';
import { filterOperators, isFilterOperator } from './filter-syntax.js';
import type { FilterComparison, FilterStep, FilterSyntax } from './filter-syntax.js';

/**
 * Takes a filter apart by the grammar of the specification: `and` and `or` from left to right, neither binding
 * stronger than the other, `not` before parentheses. Source: FHIR R4 search_filter.html.
 *
 * @throws FirekeepError 400 `FHIR_SEARCH_INVALID_FILTER` with the place, `FHIR_SEARCH_TOO_COMPLEX`
 *
 * @example parseFilterSyntax('given eq "peter" and not (birthdate ge 2014-10-10)', defaultSearchLimits)
 */
export function parseFilterSyntax(text: string, limits: SearchLimits): FilterSyntax {
  if (text.length > limits.filterLength) {
    throw tooComplex(`has a _filter of more than ${limits.filterLength} characters`);
  }
  return new FilterParser(text, limits).whole();
}

const example = 'Write a parameter, an operator and a value, such as birthdate ge 2000-01-01.';

class FilterParser {
  private at = 0;
  private comparisons = 0;
  private depth = 0;

  constructor(
    private readonly text: string,
    private readonly limits: SearchLimits,
  ) {}

  whole(): FilterSyntax {
    const filter = this.logical();
    if (this.at < this.text.length) {
      throw this.unexpected('"and", "or" or the end', 'Put values with spaces, ) or ] into double quotes.');
    }
    return filter;
  }

  private logical(): FilterSyntax {
    let filter = this.operand();
    for (let word = this.connective(); word !== undefined; word = this.connective()) {
      filter = joined(word, filter, this.operand());
    }
    return filter;
  }

  private connective(): 'and' | 'or' | undefined {
    this.skipSpace();
    const word = this.take(/(?:and|or)(?=[\s(])/y);
    return word === 'and' || word === 'or' ? word : undefined;
  }

  private operand(): FilterSyntax {
    this.skipSpace();
    const negated = this.take(/not(?=\s*\()/y) !== undefined;
    this.skipSpace();
    if (this.text[this.at] !== '(') return this.comparison();
    const filter = this.enclosed(')');
    return negated ? { kind: 'not', operand: filter } : filter;
  }

  /** A filter between brackets of either kind. */
  private enclosed(end: ')' | ']'): FilterSyntax {
    const opened = this.at++;
    if (++this.depth > this.limits.filterDepth) {
      throw tooComplex(`has a _filter with more than ${this.limits.filterDepth} brackets in each other`);
    }
    const filter = this.logical();
    this.skipSpace();
    if (this.text[this.at] !== end) {
      throw this.unexpected(
        `"${end}" for the bracket at character ${opened + 1}`,
        'Put values with spaces, ) or ] into double quotes.',
      );
    }
    this.at++;
    this.depth--;
    return filter;
  }

  private comparison(): FilterComparison {
    if (++this.comparisons > this.limits.filterComparisons) {
      throw tooComplex(`has a _filter of more than ${this.limits.filterComparisons} comparisons`);
    }
    const { at } = this;
    const path = this.path();
    this.space();
    const start = this.at;
    const operator = this.take(/\S+/y) ?? '';
    if (!isFilterOperator(operator)) {
      this.at = start;
      throw this.unexpected(`one of the operators ${filterOperators.join(', ')}`, example);
    }
    this.space();
    return { kind: 'comparison', at, path, operator, value: this.value() };
  }

  private path(): FilterStep[] {
    const path: FilterStep[] = [];
    for (;;) {
      const { at } = this;
      const name = this.take(/[A-Za-z_][A-Za-z0-9_-]*/y);
      if (name === undefined) throw this.unexpected('the name of a search parameter', example);
      if (path.length === this.limits.pathLength) {
        throw tooComplex(`has a parameter that follows more than ${this.limits.pathLength} references`);
      }
      const filter = this.text[this.at] === '[' ? this.enclosed(']') : undefined;
      path.push({ at, name, ...(filter === undefined ? {} : { filter }) });
      if (this.text[this.at] !== '.') {
        if (filter === undefined) return path;
        throw this.unexpected('"." with a parameter', 'Write name[filter].parameter.');
      }
      this.at++;
    }
  }

  private value(): string {
    const start = this.at;
    if (this.text[start] !== '"') {
      const token = this.take(/[^\s)\]]+/y);
      if (token === undefined) throw this.unexpected('a value', example);
      return token;
    }
    const quoted = this.take(/"(?:[^"\\]|\\.)*"/y);
    const value = quoted === undefined ? undefined : jsonString(quoted);
    if (value === undefined) {
      throw invalidFilter(
        start,
        'the quoted value is no JSON string. Write " and \\ inside of it as \\" and \\\\.',
      );
    }
    return value;
  }

  private space(): void {
    if (this.take(/\s+/y) === undefined) throw this.unexpected('a space', example);
  }

  private skipSpace(): void {
    this.take(/\s*/y);
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  private unexpected(expected: string, remedy: string): Error {
    const rest = this.text.slice(this.at, this.at + 20);
    const found = rest === '' ? 'the end' : `"${shown(rest)}"`;
    return invalidFilter(this.at, `expected ${expected}, found ${found}. ${remedy}`);
  }
}

/** What has the same connective is one list. */
function joined(kind: 'and' | 'or', left: FilterSyntax, right: FilterSyntax): FilterSyntax {
  return { kind, operands: left.kind === kind ? [...left.operands, right] : [left, right] };
}

function jsonString(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
