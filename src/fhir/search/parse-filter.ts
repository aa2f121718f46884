import type { SearchParameter } from '../definitions/index.js';
import { splitUnescaped, unescapeValue } from './escaping.js';
import type { IndexedType } from './index-values.js';
import type { ParameterName } from './parameter-name.js';
import { parseModified } from './parse-modified.js';
import type { SearchedType, SearchExpression } from './query.js';
import { invalidValue, tooComplex, unsupportedModifier, unsupportedParameter } from './search-errors.js';
import type { SearchLimits } from './search-limits.js';
import type { ValueContext } from './value-context.js';
import { parseWords } from './parse-words.js';
import { parseDateTest } from './values/date.value.js';
import { parseNear } from './values/near.value.js';
import { isIndexedType } from './values/simple.value.js';

/** Whether the index holds values of the parameter that can be put in order. */
export function isIndexed(
  parameter: SearchParameter,
): parameter is SearchParameter & { readonly type: IndexedType } {
  return isIndexedType(parameter.type) && isSearched(parameter);
}

/** Whether the index holds values of the parameter that its plain form can search. */
export function isSearched(
  parameter: SearchParameter,
): parameter is SearchParameter & { readonly type: SearchedType } {
  const { type, expression, usage } = parameter;
  return (isIndexedType(type) || type === 'composite') && expression !== null && usage === 'normal';
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
  if (code === '_text' || code === '_content') return parseWords(context, value, limits);
  const texts = splitUnescaped(value, ',');
  for (const text of texts) {
    if (text === '') throw invalidValue(name, value, 'a value on either side of each comma');
    if (text.length > limits.valueLength) {
      throw tooComplex(`has a value of more than ${limits.valueLength} characters`);
    }
  }
  if (code === '_id' || code === '_lastUpdated') return parseResourceFilter(context, texts);
  if (isPosition(parameter)) return parsePosition(context, texts);
  if (!isSearched(parameter)) throw unsupportedParameter(name, unsupportedReason(parameter));
  if (modifier === 'missing') return parseMissing(name, code, parameter.type, value);
  return parseModified(context, parameter.type, texts);
}

/** Whether it is `near` of Location. */
export function isPosition({ type, usage, expression }: SearchParameter): boolean {
  return type === 'special' && usage === 'nearby' && expression !== null;
}

function parsePosition(
  { name, parameter, modifier }: ValueContext,
  texts: readonly string[],
): SearchExpression {
  const { code } = parameter;
  if (modifier === 'missing') return parseMissing(name, code, 'position', texts.join(','));
  if (modifier !== undefined) throw unsupportedModifier(name, ':missing is known here.');
  return { kind: 'near', code, circles: texts.map((text) => parseNear(name, text)) };
}

/** `_id` and `_lastUpdated` stand in the resource's own row, and no resource lacks them. */
function parseResourceFilter(context: ValueContext, texts: readonly string[]): SearchExpression {
  const { name, parameter, modifier } = context;
  if (modifier === 'missing') {
    return isMissing(name, texts.join(',')) ? { kind: 'or', operands: [] } : { kind: 'and', operands: [] };
  }
  if (parameter.code === '_id') {
    const ids: SearchExpression = { kind: 'id', ids: texts.map((text) => parseId(name, text)) };
    if (modifier === undefined) return ids;
    if (modifier === 'not') return { kind: 'not', operand: ids };
    throw unsupportedModifier(name, ':not and :missing are known here.');
  }
  if (modifier !== undefined) throw unsupportedModifier(name, ':missing is known here.');
  const operands = texts.map((text): SearchExpression => {
    const { prefix, low, high } = parseDateTest(name, text, context.zone);
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
  code: string,
  type: SearchedType | 'position',
  value: string,
): SearchExpression {
  const present = { kind: 'present', code, type } as const;
  return isMissing(name, value) ? { kind: 'not', operand: present } : present;
}

function isMissing(name: string, value: string): boolean {
  if (value !== 'true' && value !== 'false') throw invalidValue(name, value, 'true or false');
  return value === 'true';
}

function unsupportedReason(parameter: SearchParameter): string {
  if (parameter.usage === 'phonetic') return 'there is no phonetic matching.';
  return 'it asks for more than comparing values of elements.';
}
