import type { SearchParameter } from '../definitions/index.js';
import { splitUnescaped, unescapeValue } from './escaping.js';
import type { IndexedType } from './index-values.js';
import type { ParameterName } from './parameter-name.js';
import type { ParameterTest, SearchExpression } from './query.js';
import { invalidValue, tooComplex, unsupportedModifier, unsupportedParameter } from './search-errors.js';
import type { SearchLimits } from './search-limits.js';
import type { ValueContext } from './value-context.js';
import { parseDateTest } from './values/date.value.js';
import { parseNumberTest } from './values/number.value.js';
import { parseQuantityTest } from './values/quantity.value.js';
import { parseReferenceTest } from './values/reference.value.js';
import { parseStringTest } from './values/string.value.js';
import { parseTokenTest } from './values/token.value.js';
import { parseUriTest } from './values/uri.value.js';

const parsers: Readonly<Record<IndexedType, (context: ValueContext, text: string) => ParameterTest>> = {
  token: ({ name }, text) => parseTokenTest(name, text),
  string: parseStringTest,
  date: ({ name, zone }, text) => parseDateTest(name, text, zone),
  number: ({ name }, text) => parseNumberTest(name, text),
  quantity: ({ name }, text) => parseQuantityTest(name, text),
  reference: parseReferenceTest,
  uri: ({ name }, text) => parseUriTest(name, text),
};

/** Whether the index holds values of the parameter that the plain forms of its type can search. */
export function isIndexed(
  parameter: SearchParameter,
): parameter is SearchParameter & { readonly type: IndexedType } {
  return parameter.type in parsers && parameter.expression !== null && parameter.usage === 'normal';
}

/**
 * One search parameter with its value: comma-separated alternatives, any of which may match.
 *
 * @throws FirekeepError `FHIR_SEARCH_…`
 */
export function parseFilter(
  context: ValueContext,
  { code }: ParameterName,
  value: string,
  limits: SearchLimits,
): SearchExpression {
  const { name, parameter, modifier } = context;
  const texts = splitUnescaped(value, ',');
  for (const text of texts) {
    if (text === '') throw invalidValue(name, value, 'a value on either side of each comma');
    if (text.length > limits.valueLength) {
      throw tooComplex(`has a value of more than ${limits.valueLength} characters`);
    }
  }
  if (code === '_id' || code === '_lastUpdated') return parseResourceFilter(context, texts);
  if (!isIndexed(parameter)) throw unsupportedParameter(name, unsupportedReason(parameter));
  if (modifier === 'missing') return parseMissing(name, parameter, value);
  refuseModifier(context, parameter.type);
  return {
    kind: 'parameter',
    code,
    type: parameter.type,
    anyOf: texts.map((text) => parsers[parameter.type](context, text)),
  };
}

/** `_id` and `_lastUpdated` stand in the resource's own row. */
function parseResourceFilter({ name, modifier, zone }: ValueContext, texts: string[]): SearchExpression {
  if (modifier !== undefined) throw unsupportedModifier(name, 'this parameter has none.');
  if (name === '_id') return { kind: 'id', ids: texts.map((text) => parseId(name, text)) };
  const operands = texts.map((text): SearchExpression => {
    const { prefix, low, high } = parseDateTest(name, text, zone);
    return { kind: 'last-updated', prefix, low, high };
  });
  const [only] = operands;
  return operands.length === 1 && only !== undefined ? only : { kind: 'or', operands };
}

function parseId(name: string, text: string): string {
  const id = unescapeValue(text);
  if (id === undefined || !/^[A-Za-z0-9\-.]{1,64}$/.test(id)) {
    throw invalidValue(name, text, 'an id of 1 to 64 letters, digits, - and .');
  }
  return id;
}

/** Source: FHIR R4 search.html#modifiers. */
function parseMissing(
  name: string,
  parameter: SearchParameter & { readonly type: IndexedType },
  value: string,
): SearchExpression {
  if (parameter.type === 'reference') {
    throw unsupportedModifier(name, 'references with nothing but an identifier or text are not told apart.');
  }
  if (value !== 'true' && value !== 'false') throw invalidValue(name, value, 'true or false');
  const present = { kind: 'present', code: parameter.code, type: parameter.type } as const;
  return value === 'false' ? present : { kind: 'not', operand: present };
}

function refuseModifier({ name, parameter, modifier, definitions }: ValueContext, type: IndexedType): void {
  if (modifier === undefined) return;
  if (parameter.type === 'string' && (modifier === 'exact' || modifier === 'contains')) return;
  if (parameter.type === 'reference' && definitions.isResourceType(modifier)) {
    if (parameter.targets.includes(modifier)) return;
    throw unsupportedModifier(
      name,
      `"${parameter.code}" refers to ${parameter.targets.slice(0, 20).join(', ')}.`,
    );
  }
  const known: Partial<Record<IndexedType, string>> = {
    string: ':exact, :contains and :missing are known here.',
    reference: 'a resource type is known here.',
  };
  throw unsupportedModifier(name, known[type] ?? ':missing is known here.');
}

function unsupportedReason(parameter: SearchParameter): string {
  if (parameter.type === 'composite') return 'composite parameters are not evaluated.';
  if (parameter.usage === 'phonetic') return 'there is no phonetic matching.';
  return 'it asks for more than comparing values of elements.';
}
