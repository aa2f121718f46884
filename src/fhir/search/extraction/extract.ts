import { loadDefinitions, type Definitions, type SearchParameter } from '../../definitions/index.js';
import type { ParameterValues } from '../index-values.js';
import { resourceTerms } from '../text/resource-terms.js';
import { TERMS } from '../text/text-index.js';
import { distinct } from './distinct.js';
import type { ExtractionContext } from './extraction-context.js';
import { compileParameter } from './parameter-compiler.js';
import type { CompiledParameter } from './parameter-compiler.js';
import { participationValues } from './participations.js';
import type { Run } from './visit.js';

/** `_id` and `_lastUpdated` are columns of the resource's own row, not index values. */
const IN_RESOURCE_TABLE: ReadonlySet<string> = new Set(['_id', '_lastUpdated']);

/** By the list of parameters: definitions that share it, those of several repositories say, share what was compiled. */
const compiled = new WeakMap<readonly SearchParameter[], readonly CompiledParameter[]>();

/** The compiled parameters of a type; compiled at the first call (some 0.3 ms) and kept. */
export function compiledParameters(
  type: string,
  definitions: Definitions = loadDefinitions(),
): readonly CompiledParameter[] {
  const list = definitions.searchParameters(type);
  const known = compiled.get(list);
  if (known !== undefined) return known;
  const parameters = list
    .filter((parameter) => !IN_RESOURCE_TABLE.has(parameter.code))
    .map((parameter) => compileParameter(parameter, definitions, type))
    .filter((parameter) => parameter !== undefined);
  compiled.set(list, parameters);
  return parameters;
}

/** Whether the index holds one value of the parameter for a resource of the type at the most. */
export function isSingle(code: string, type: string, definitions: Definitions): boolean {
  return compiledParameters(type, definitions).some(
    (parameter) => parameter.code === code && parameter.single,
  );
}

/** @throws Error for an expression that is outside the subset or gives no values of the parameter's type */
export function requireCompilable(parameter: SearchParameter, definitions: Definitions, type: string): void {
  if (compileParameter(parameter, definitions, type) === undefined) {
    throw new Error(`the expression selects nothing that can be searched as ${parameter.type}`);
  }
}

const NO_OWNER: object = Object.freeze({});

/** Evaluates parameters on a resource; those without values are left out. */
export function evaluate(
  parameters: readonly CompiledParameter[],
  resource: unknown,
  context: ExtractionContext,
): ParameterValues[] {
  const run: Run = { context, resource, values: [], units: new Set(), quantities: new Map() };
  const found: ParameterValues[] = [];
  for (const { code, visit } of parameters) {
    visit(resource, NO_OWNER, '', run);
    if (run.values.length === 0) continue;
    found.push({ code, values: distinct(run.values) });
    run.values = [];
  }
  return found;
}

/**
 * All index values of a resource, by search parameter, each value once; parameters without values are left
 * out. Composites pair values of the same element. Contained resources give no values of their own, and
 * references to them none. What is malformed gives no value; nothing that a resource holds makes it throw.
 *
 * `_id`, `_lastUpdated` and `phonetic` have no index values; those of `_text` stand under `_content`.
 *
 * Source: FHIR R4 search.html.
 *
 * @param type a resource type; another name gives nothing
 * @param resource the parsed JSON
 */
export function extract(type: string, resource: unknown, context: ExtractionContext): ParameterValues[] {
  const { definitions, text = 'none' } = context;
  const found = evaluate(compiledParameters(type, definitions), resource, context);
  const taking = participationValues(type, resource, context);
  if (taking !== undefined) found.push(taking);
  if (text === 'none') return found;
  const values = resourceTerms(type, resource, text, definitions ?? loadDefinitions());
  return values.length === 0 ? found : [...found, { code: TERMS, values }];
}
