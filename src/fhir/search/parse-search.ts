import type { ErrorIssue } from '../../platform/errors/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { FilterReader } from './filter/filter-reader.js';
import { isIncludeParameter, parseInclude } from './parse-include.js';
import { ParameterReader } from './parse-parameter.js';
import { isControlParameter, ResultControls } from './result-controls.js';
import type { ControlParameter } from './result-controls.js';
import { refuseUnsupported } from './unsupported-parameters.js';
import type { IncludeDirective, SearchExpression, SearchQuery } from './query.js';
import { invalidValue, tooComplex, unsupportedParameter } from './search-errors.js';
import { requireCoverage } from './answered-parameters.js';
import { defaultSearchLimits } from './search-limits.js';
import type { SearchLimits } from './search-limits.js';
import { searchedTypes } from './searched-types.js';
import type { SearchReading } from './search-reading.js';
import { singleDates } from './single-dates.js';

/** A name with its value, both percent-decoded, in the order of the request. */
export type SearchParameterPair = readonly [name: string, value: string];

export interface SearchInput extends SearchReading {
  readonly repository: string;
  /** The types searched; at least one. */
  readonly types: readonly string[];
  readonly parameters: readonly SearchParameterPair[];
  /** `Prefer: handling=…`. Strict: what is unknown is refused; lenient: left out, with a warning. */
  readonly handling: 'strict' | 'lenient';
}

export interface ParsedSearch {
  readonly query: SearchQuery;
  /** What the self link names: the parameters that were evaluated, as they were written. */
  readonly applied: readonly SearchParameterPair[];
  readonly warnings: readonly ErrorIssue[];
  /** The page token of a next link; null: the first page. `PageTokens.resume` turns it into a position. */
  readonly page: string | null;
}

/**
 * Reads the parameters of a search. Parameters of FHIR that are not
 * evaluated are refused under either handling, since leaving them out would answer another question.
 *
 * Source: FHIR R4 search.html.
 *
 * @throws FirekeepError 400 `FHIR_SEARCH_…`
 *
 * @example
 * parseSearch({ repository: 'default', types: ['Patient'], parameters: [['name', 'smith']], handling: 'lenient',
 *   definitions: loadDefinitions(), bases: [], zone: 'UTC' }).query.filter
 */
export function parseSearch(input: SearchInput): ParsedSearch {
  const limits = { ...defaultSearchLimits, ...input.limits };
  checkSize(input.parameters, limits);
  const isOfSeveral = input.types.length > 1;
  const types = (isOfSeveral ? searchedTypes(input.parameters, input.types) : undefined) ?? input.types;
  const reader = new SearchReader({ ...input, types }, isOfSeveral, limits);
  for (const pair of input.parameters) reader.read(pair);
  return reader.result();
}

function checkSize(parameters: readonly SearchParameterPair[], limits: SearchLimits): void {
  if (parameters.length > limits.parameters) {
    throw tooComplex(`has more than ${limits.parameters} parameters`);
  }
  for (const [name, value] of parameters) {
    if (name.length + value.length > limits.parameterLength) {
      throw tooComplex(`has a parameter of more than ${limits.parameterLength} characters`);
    }
  }
}

class SearchReader {
  private readonly filter: SearchExpression[] = [];
  private readonly includes: IncludeDirective[] = [];
  private readonly applied: SearchParameterPair[] = [];
  private readonly warnings: ErrorIssue[] = [];
  private readonly controls: ResultControls;
  private readonly parameters: ParameterReader;

  constructor(
    private readonly input: SearchInput,
    /** Whether `_type` may choose among types, as it has. */
    private readonly isOfSeveral: boolean,
    private readonly limits: SearchLimits,
  ) {
    this.controls = new ResultControls(input.definitions, input.types, limits);
    this.parameters = new ParameterReader(input, limits);
  }

  read(pair: SearchParameterPair): void {
    const [name, value] = pair;
    if (name === '_type' && this.isOfSeveral) {
      this.applied.push(pair);
      return;
    }
    if (name !== '_filter') refuseUnsupported({ code: /^[^:.]*/.exec(name)?.[0] ?? name }, name, value);
    if (value === '') {
      this.leaveOut(
        invalidValue(name, value, 'a value; a parameter without one says nothing'),
        `"${name.slice(0, 80)}" has no value and was left out.`,
      );
    } else if (isControlParameter(name)) this.readControl(name, value);
    else if (isIncludeParameter(name)) this.readInclude(pair);
    else this.readFilter(pair);
  }

  result(): ParsedSearch {
    if (this.controls.textOnly && this.includes.length > 0) {
      throw unsupportedParameter('_summary', 'text can not be had together with _include or _revinclude.');
    }
    const { sort, count, total, page, explain } = this.controls;
    const { repository, types, definitions } = this.input;
    const single = singleDates(this.filter, types, definitions);
    return {
      query: {
        repository,
        types,
        filter: this.filter,
        ...(single.length === 0 ? {} : { single }),
        sort,
        count,
        total,
        ...(explain ? { explain } : {}),
        ...(this.includes.length === 0 ? {} : { includes: this.includes }),
      },
      applied: this.applied,
      warnings: [...this.warnings, ...this.parameters.warnings],
      page,
    };
  }

  private readControl(name: ControlParameter, value: string): void {
    const { applied, unknown } = this.controls.read(name, value);
    const [message] = unknown;
    if (message !== undefined) {
      this.leaveOut(new FirekeepError('invalid', 'FHIR_SEARCH_UNKNOWN_PARAMETER', message), message);
    }
    if (applied !== '') this.applied.push([name, applied]);
  }

  private readInclude(pair: SearchParameterPair): void {
    const [name, value] = pair;
    const { definitions, types, handling } = this.input;
    const { directive, leftOut, parameter } = parseInclude(definitions, types, name, value);
    if (directive === undefined) {
      const message = leftOut ?? '';
      this.leaveOut(
        new FirekeepError('invalid', 'FHIR_SEARCH_INCLUDE_UNKNOWN', message),
        `${message} It was left out.`,
      );
      return;
    }
    if (this.includes.length === this.limits.includeDirectives) {
      throw tooComplex(`has more than ${this.limits.includeDirectives} includes`);
    }
    const warning = requireCoverage([parameter], name, handling);
    if (warning !== undefined) this.warnings.push(warning);
    this.includes.push(directive);
    this.applied.push(pair);
  }

  private readFilter(pair: SearchParameterPair): void {
    const [name, value] = pair;
    try {
      const { types } = this.input;
      this.filter.push(
        name === '_filter'
          ? new FilterReader(this.parameters).read(value, types)
          : this.parameters.read(name, value, types),
      );
      this.applied.push(pair);
    } catch (error) {
      if (!(error instanceof FirekeepError) || error.code !== 'FHIR_SEARCH_UNKNOWN_PARAMETER') throw error;
      this.leaveOut(error, `${error.message} It was left out.`);
    }
  }

  private leaveOut(error: FirekeepError, warning: string): void {
    if (this.input.handling === 'strict') throw error;
    this.warnings.push({ severity: 'warning', code: 'not-supported', message: warning });
  }
}
