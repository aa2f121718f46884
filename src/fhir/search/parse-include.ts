import type { Definitions, SearchParameter } from '../definitions/index.js';
import { isIndexed } from './parse-filter.js';
import { parseParameterName } from './parameter-name.js';
import type { IncludeDirective, IncludeParameter } from './query.js';
import { invalidValue, unsupportedModifier, unsupportedParameter } from './search-errors.js';

const includeNames: ReadonlySet<string> = new Set(['_include', '_revinclude']);

export function isIncludeParameter(name: string): boolean {
  return includeNames.has(/^[^:.]*/.exec(name)?.[0] ?? name);
}

type NamedInclude = Omit<IncludeDirective, 'parameters'>;

export interface ParsedInclude {
  /** Undefined: it names what there is not, or what can't lead anywhere. */
  readonly directive: IncludeDirective | undefined;
  /** Why it is left out. */
  readonly leftOut: string | undefined;
  /** The parameter that it names; undefined: all of a type, or of every type. */
  readonly parameter: SearchParameter | undefined;
}

/**
 * `_include=Observation:subject`, `_include:iterate=Patient:link:Patient`, `_revinclude=Provenance:*`, `_include=*`.
 * Source: FHIR R4 search.html#revinclude.
 *
 * @param types the types searched
 * @throws FirekeepError 400 for another form, another modifier, and a parameter that is no reference
 */
export function parseInclude(
  definitions: Definitions,
  types: readonly string[],
  name: string,
  value: string,
): ParsedInclude {
  if (name.includes('.')) throw unsupportedModifier(name, 'only :iterate is known here.');
  const { code: parameterName, modifier } = parseParameterName(name);
  const iterate = iterates(name, modifier);
  const [first = '', code = '', target = null, ...more] = value === '*' ? ['*', '*'] : value.split(':');
  if (first === '' || code === '' || target === '' || more.length > 0) throw wrongForm(name, value);
  const type = value === '*' ? null : first;
  const reverse = parameterName === '_revinclude';
  const unknown = unknownName(definitions, type, code, target);
  if (unknown !== undefined) return leftOut(unknown);
  const parameter = type === null || code === '*' ? undefined : definitions.searchParameter(type, code);
  if (parameter !== undefined) requireReference(name, parameter, target);
  const named = { reverse, iterate, type, code: code === '*' ? null : code, target };
  const parameters = parametersOf(definitions, types, named);
  if (parameters.length === 0) {
    return leftOut(
      `"${includeText(named)}" starts from no type that is searched. Where it goes on from included resources, write ${parameterName}:iterate.`,
    );
  }
  return { directive: { ...named, parameters }, leftOut: undefined, parameter };
}

/** The directive as a request names it. */
export function includeText({ reverse, iterate, type, code, target }: NamedInclude): string {
  const name = `${reverse ? '_revinclude' : '_include'}${iterate ? ':iterate' : ''}`;
  const value = [type, code ?? '*', target].filter((part) => part !== null).join(':');
  return `${name}=${value}`;
}

function leftOut(reason: string): ParsedInclude {
  return { directive: undefined, leftOut: reason, parameter: undefined };
}

function iterates(name: string, modifier: string | undefined): boolean {
  if (modifier === undefined) return false;
  if (modifier === 'iterate') return true;
  throw unsupportedModifier(
    name,
    modifier === 'recurse'
      ? 'it was the name of :iterate before R4; write :iterate.'
      : 'only :iterate is known here.',
  );
}

function wrongForm(name: string, value: string): Error {
  return invalidValue(
    name,
    value,
    'Type:parameter such as Observation:subject, with :Type of the target behind it if needed, Type:* or *',
  );
}

function unknownName(
  definitions: Definitions,
  type: string | null,
  code: string,
  target: string | null,
): string | undefined {
  for (const named of [type, target]) {
    if (named !== null && !definitions.isResourceType(named)) {
      return `There is no resource type "${named.slice(0, 80)}" to include.`;
    }
  }
  if (type === null || code === '*' || definitions.searchParameter(type, code) !== undefined)
    return undefined;
  return `${type} has no search parameter "${code.slice(0, 80)}" to include by. The CapabilityStatement at [base]/metadata lists those it has.`;
}

function requireReference(name: string, parameter: SearchParameter, target: string | null): void {
  const { code, type, targets } = parameter;
  if (type !== 'reference') {
    throw invalidValue(name, code, `a reference parameter; "${code}" is of the type ${type}`);
  }
  if (!isIndexed(parameter)) throw unsupportedParameter(code, 'it has no values that could be followed.');
  if (target !== null && !targets.includes(target)) {
    throw invalidValue(
      name,
      target,
      `one of the types that "${code}" refers to: ${targets.slice(0, 20).join(', ')}`,
    );
  }
}

/**
 * Without `:iterate` it starts from matches alone. Wildcards stand for parameters whose index is complete.
 */
function parametersOf(
  definitions: Definitions,
  types: readonly string[],
  { reverse, iterate, type, code, target }: NamedInclude,
): readonly IncludeParameter[] {
  const ofType = (one: string): IncludeParameter[] =>
    definitions
      .includes(one)
      .filter((parameter) => (code === null ? isFollowed(parameter) : parameter.code === code))
      .filter(({ targets }) => target === null || targets.includes(target))
      .map(({ code: found, targets }) => ({ type: one, code: found, targets }));
  const candidates = (type === null ? definitions.resourceTypes : [type]).flatMap(ofType);
  if (iterate) return candidates;
  const reached = target === null ? types : types.filter((one) => one === target);
  return candidates.filter((one) =>
    reverse ? reached.some((start) => one.targets.includes(start)) : types.includes(one.type),
  );
}

function isFollowed(parameter: SearchParameter): boolean {
  const { coverage } = parameter;
  return isIndexed(parameter) && (coverage === undefined || coverage.state === 'complete');
}
