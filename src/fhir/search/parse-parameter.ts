import { FirekeepError, type ErrorIssue } from '../../platform/errors/index.js';
import type { SearchParameter } from '../definitions/index.js';
import { splitUnescaped } from './escaping.js';
import { parseParameterPath, type ParameterName, type ParameterPath } from './parameter-name.js';
import { parseList } from './parse-list.js';
import { parseFilter } from './parse-filter.js';
import type { SearchExpression } from './query.js';
import { requireCoverage } from './answered-parameters.js';
import { invalidPath, shown, tooComplex, unknownParameter, unsupportedModifier } from './search-errors.js';
import type { SearchLimits } from './search-limits.js';
import type { SearchReading } from './search-reading.js';
import { refuseUnsupported } from './unsupported-parameters.js';

/** Parameters that no definition lists, since they are not about elements of a type. */
const ofEveryType: ReadonlySet<string> = new Set(['_list']);

/** What a parameter means for some of the types in question: those that have it. */
export interface ScopedExpression {
  readonly types: readonly string[];
  readonly expression: SearchExpression;
}

/** Of the types in question, those that have a parameter with the same meaning of its values. */
interface KnownParameter {
  readonly types: readonly string[];
  readonly parameter: SearchParameter;
}

/**
 * Reads the parameters that matches are chosen by: plain ones, chains and `_has`, to any depth that the limits
 * permit. Source: FHIR R4 search.html#chaining, search.html#has.
 */
export class ParameterReader {
  readonly warnings: ErrorIssue[] = [];
  private values = 0;
  private links = 0;

  constructor(
    readonly reading: SearchReading & { readonly handling: 'strict' | 'lenient' },
    readonly limits: SearchLimits,
  ) {}

  /**
   * A parameter that all of the types have.
   *
   * @throws FirekeepError 400 `FHIR_SEARCH_…`; `FHIR_SEARCH_UNKNOWN_PARAMETER` where a type does not have it
   */
  read(name: string, value: string, types: readonly string[]): SearchExpression {
    const path = parseParameterPath(name, this.limits.pathLength);
    if (path.kind !== 'has' && !ofEveryType.has(path.code)) this.requireAll(types, path.code, name);
    const [only, ...others] = this.scoped(name, path, value, types);
    if (only === undefined || others.length > 0) throw unknownParameter(name, types.join(', '));
    return only.expression;
  }

  /** Each of the types in question is in one of the answers at most: the first that has the parameter, and so on. */
  scoped(
    name: string,
    path: ParameterPath,
    value: string,
    types: readonly string[],
  ): readonly ScopedExpression[] {
    switch (path.kind) {
      case 'own':
        return this.own(name, path, value, types);
      case 'chain':
        return [this.chain(name, path, types, (targets) => this.scoped(name, path.rest, value, targets))];
      case 'has':
        return [this.has(name, path, value, types)];
    }
  }

  /**
   * @param operand what is asked of the resources that the reference leads to, of these types
   */
  chain(
    name: string,
    { code, type }: { readonly code: string; readonly type: string | undefined },
    types: readonly string[],
    operand: (targets: readonly string[]) => readonly ScopedExpression[],
  ): ScopedExpression {
    this.countLink();
    const known = this.known(types, code);
    if (known.length === 0) throw unknownParameter(name, types.slice(0, 5).join(', '));
    const source = known.find(({ parameter }) => parameter.type === 'reference');
    if (source === undefined) throw invalidPath(name, `"${shown(code)}" is no reference.`);
    const { targets } = source.parameter;
    if (type !== undefined && !targets.includes(type)) {
      throw unsupportedModifier(name, `"${code}" refers to ${targets.slice(0, 20).join(', ')}.`);
    }
    this.cover(source.types, code, name);
    const operands = operand(type === undefined ? targets : [type]).map((at): SearchExpression => ({
      kind: 'chain',
      code,
      targets: at.types,
      operand: at.expression,
    }));
    return { types: source.types, expression: anyOf(operands) };
  }

  private has(
    name: string,
    { type, code, rest }: ParameterPath & { readonly kind: 'has' },
    value: string,
    types: readonly string[],
  ): ScopedExpression {
    this.countLink();
    const parameter = this.reading.definitions.searchParameter(type, code);
    if (parameter === undefined) throw unknownParameter(`${name} (${code})`, shown(type));
    const referred = types.filter((one) => parameter.targets.includes(one));
    if (parameter.type !== 'reference' || referred.length === 0) {
      throw invalidPath(name, `"${code}" of ${type} does not refer to ${types.slice(0, 5).join(', ')}.`);
    }
    this.cover([type], code, name);
    const operands = this.scoped(name, rest, value, [type]).map(({ expression }) => expression);
    return { types: referred, expression: { kind: 'has', type, code, operand: anyOf(operands) } };
  }

  private own(
    name: string,
    path: ParameterName,
    value: string,
    types: readonly string[],
  ): readonly ScopedExpression[] {
    refuseUnsupported(path, name, value);
    this.countValues(splitUnescaped(value, ',').length);
    if (path.code === '_list') {
      this.countLink();
      return [{ types, expression: parseList(name, path.modifier, value) }];
    }
    const { definitions, bases, zone, text = 'all' } = this.reading;
    return this.named(name, path.code, types, (parameter) =>
      parseFilter(
        { name, parameter, modifier: path.modifier, definitions, bases, zone, text },
        path,
        value,
        this.limits,
      ),
    );
  }

  /**
   * @param name as the caller wrote it
   * @param read what is asked of a parameter, which may mean another thing in each of the types
   */
  named(
    name: string,
    code: string,
    types: readonly string[],
    read: (parameter: SearchParameter) => SearchExpression,
  ): readonly ScopedExpression[] {
    const known = this.known(types, code);
    if (known.length === 0) throw unknownParameter(name, types.slice(0, 5).join(', '));
    return anyAnswer(
      known.map((one) => () => {
        const expression = read(one.parameter);
        this.cover(one.types, code, name);
        return { types: one.types, expression };
      }),
    );
  }

  /** Grouped by the type of the parameter, since the same code may mean another in each type. */
  private known(types: readonly string[], code: string): readonly KnownParameter[] {
    const groups = new Map<string, { types: string[]; parameter: SearchParameter }>();
    for (const type of types) {
      const parameter = this.reading.definitions.searchParameter(type, code);
      if (parameter === undefined) continue;
      const group = groups.get(parameter.type);
      if (group === undefined) groups.set(parameter.type, { types: [type], parameter });
      else {
        group.types.push(type);
        const targets = [...new Set([...group.parameter.targets, ...parameter.targets])];
        if (targets.length > group.parameter.targets.length)
          group.parameter = { ...group.parameter, targets };
      }
    }
    return [...groups.values()];
  }

  private requireAll(types: readonly string[], code: string, name: string): void {
    const [first, ...others] = this.known(types, code);
    if (first?.types.length !== types.length || others.length > 0) {
      throw unknownParameter(name, types.length > 5 ? 'Resource' : types.join(', '));
    }
  }

  cover(types: readonly string[], code: string, name: string): void {
    const { definitions, handling } = this.reading;
    const parameters = types.map((type) => definitions.searchParameter(type, code));
    const warning = requireCoverage(parameters, name, handling);
    if (warning !== undefined) this.warnings.push(warning);
  }

  countValues(count: number): void {
    this.values += count;
    if (this.values > this.limits.values) throw tooComplex(`has more than ${this.limits.values} values`);
  }

  private countLink(): void {
    this.links++;
    if (this.links > this.limits.links) {
      throw tooComplex(`follows more than ${this.limits.links} references`);
    }
  }
}

function anyOf(operands: readonly SearchExpression[]): SearchExpression {
  const [only, ...others] = operands;
  return only !== undefined && others.length === 0 ? only : { kind: 'or', operands };
}

/**
 * A value that only some of several meanings of a parameter take can't be met by the others.
 *
 * @throws FirekeepError of the first where none takes it
 */
function anyAnswer<T>(attempts: readonly (() => T)[]): readonly T[] {
  const answers: T[] = [];
  let refusal: FirekeepError | undefined;
  for (const attempt of attempts) {
    try {
      answers.push(attempt());
    } catch (error) {
      if (!(error instanceof FirekeepError) || error.category !== 'invalid') throw error;
      refusal ??= error;
    }
  }
  if (answers.length === 0 && refusal !== undefined) throw refusal;
  return answers;
}
