import type { ErrorIssue } from '../../platform/errors/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import type { Definitions, SearchParameter } from '../definitions/index.js';
import { splitUnescaped } from './escaping.js';
import { parseFilter } from './parse-filter.js';
import { isIncludeParameter, parseInclude } from './parse-include.js';
import { parseParameterName } from './parameter-name.js';
import type { ParameterName } from './parameter-name.js';
import { isControlParameter, ResultControls } from './result-controls.js';
import type { ControlParameter } from './result-controls.js';
import { refuseUnsupported } from './unsupported-parameters.js';
import type { IncludeDirective, SearchExpression, SearchQuery } from './query.js';
import {
  invalidValue,
  tooComplex,
  unknownParameter,
  unknownParameterMessage,
  unsupportedParameter,
} from './search-errors.js';
import { requireCoverage } from './search-coverage.js';
import { defaultSearchLimits } from './search-limits.js';
import type { SearchLimits } from './search-limits.js';

/** A name with its value, both percent-decoded, in the order of the request. */
export type SearchParameterPair = readonly [name: string, value: string];

/** What decides how parameters are read, whichever resource type they are for. */
export interface SearchReading {
  readonly definitions: Definitions;
  /** Addresses of the repository, as `EndpointRegistry.bases` gives them: a reference below one is local. */
  readonly bases: readonly string[];
  /** Zone of dates without one: IANA name or `+hh:mm`; the same as at extraction. */
  readonly zone: string;
  readonly limits?: Partial<SearchLimits>;
}

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
 * Reads the parameters of a search. Chains and other parameters of FHIR that are not
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
  const reader = new SearchReader(input, limits);
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
  private values = 0;

  constructor(
    private readonly input: SearchInput,
    private readonly limits: SearchLimits,
  ) {
    this.controls = new ResultControls(input.definitions, input.types, limits);
  }

  read(pair: SearchParameterPair): void {
    const [name, value] = pair;
    const parsed = parseParameterName(name);
    refuseUnsupported(parsed, name, value);
    if (value === '') {
      this.leaveOut(
        invalidValue(name, value, 'a value; a parameter without one says nothing'),
        `"${name.slice(0, 80)}" has no value and was left out.`,
      );
    } else if (isControlParameter(name)) this.readControl(name, value);
    else if (isIncludeParameter(name)) this.readInclude(pair);
    else this.readFilter(pair, parsed);
  }

  result(): ParsedSearch {
    if (this.controls.textOnly && this.includes.length > 0) {
      throw unsupportedParameter('_summary', 'text can not be had together with _include or _revinclude.');
    }
    const { sort, count, total, page } = this.controls;
    const { repository, types } = this.input;
    return {
      query: {
        repository,
        types,
        filter: this.filter,
        sort,
        count,
        total,
        ...(this.includes.length === 0 ? {} : { includes: this.includes }),
      },
      applied: this.applied,
      warnings: this.warnings,
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
    if (this.includes.length === this.limits.includes) {
      throw tooComplex(`has more than ${this.limits.includes} includes`);
    }
    const warning = requireCoverage([parameter], name, handling);
    if (warning !== undefined) this.warnings.push(warning);
    this.includes.push(directive);
    this.applied.push(pair);
  }

  private readFilter(pair: SearchParameterPair, parsed: ParameterName): void {
    const [name, value] = pair;
    const parameter = this.parameter(parsed.code);
    const { definitions, bases, zone, types } = this.input;
    if (parameter === undefined) {
      const type = types.join(', ');
      this.leaveOut(unknownParameter(name, type), `${unknownParameterMessage(name, type)} It was left out.`);
      return;
    }
    if (parsed.chained) throw unsupportedParameter(name, 'chained parameters are not evaluated.');
    this.values += splitUnescaped(value, ',').length;
    if (this.values > this.limits.values) throw tooComplex(`has more than ${this.limits.values} values`);
    const context = { name, parameter, modifier: parsed.modifier, definitions, bases, zone };
    this.filter.push(parseFilter(context, parsed, value, this.limits));
    this.requireCoverage(parsed.code, name);
    this.applied.push(pair);
  }

  /** The parameter, where each of the types has it, with the same meaning of its values. */
  private parameter(code: string): SearchParameter | undefined {
    const { definitions, types } = this.input;
    const [first, ...others] = types.map((type) => definitions.searchParameter(type, code));
    return others.every((other) => other?.type === first?.type) ? first : undefined;
  }

  private requireCoverage(code: string, name: string): void {
    const { definitions, types, handling } = this.input;
    const parameters = types.map((type) => definitions.searchParameter(type, code));
    const warning = requireCoverage(parameters, name, handling);
    if (warning !== undefined) this.warnings.push(warning);
  }

  private leaveOut(error: FirekeepError, warning: string): void {
    if (this.input.handling === 'strict') throw error;
    this.warnings.push({ severity: 'warning', code: 'not-supported', message: warning });
  }
}
