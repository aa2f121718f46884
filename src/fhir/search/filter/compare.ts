import { parameterOf } from '../canonical-tests.js';
import { normalizeString } from '../extraction/index.js';
import { isSearched } from '../parse-filter.js';
import type { DatePrefix, ParameterTest, SearchedType, SearchExpression, SimpleTest } from '../query.js';
import { invalidValue, shown, unsupportedParameter } from '../search-errors.js';
import type { ValueContext } from '../value-context.js';
import { parseCompositeTest } from '../values/composite.value.js';
import { parseDateTest } from '../values/date.value.js';
import { parseNumberTest } from '../values/number.value.js';
import { parseQuantityTest } from '../values/quantity.value.js';
import { parseReferenceTest } from '../values/reference.value.js';
import { parseConceptLookup, parseTokenTest, parseValueSetLookup } from '../values/token.value.js';
import { unknownOperator } from './filter-errors.js';
import type { FilterOperator } from './filter-syntax.js';
import { withNamedSystem } from './named-systems.js';

/** Operators for each type of parameter. Source: FHIR R4 search_filter.html#ops. */
const known: Readonly<Record<SearchedType, readonly FilterOperator[]>> = {
  string: ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'lt', 'ge', 'le', 'pr'],
  number: ['eq', 'ne', 'co', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb', 'pr'],
  date: ['eq', 'ne', 'co', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb', 'po', 'pr'],
  token: ['eq', 'ne', 'ss', 'sb', 'in', 'ni', 'pr'],
  reference: ['re', 'pr'],
  quantity: ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb', 'pr'],
  // The specification's table has neither of these.
  uri: ['eq', 'pr'],
  composite: ['eq', 'pr'],
};

/**
 * What an operator with its value asks of a parameter.
 *
 * @throws FirekeepError 400 `FHIR_SEARCH_…` where the type doesn't have the operator or doesn't take the value
 */
export function compare(context: ValueContext, operator: FilterOperator, value: string): SearchExpression {
  const { name, parameter } = context;
  if (!isSearched(parameter)) {
    throw unsupportedParameter(name, 'it has no values to compare. It may stand beside _filter.');
  }
  const { type, code } = parameter;
  if (code === '_id') return compareId(name, operator, value);
  if (!known[type].includes(operator)) {
    throw unknownOperator(name, operator, `of type ${type}`, known[type]);
  }
  if (code === '_lastUpdated') return compareUpdated(context, operator, value);
  if (operator === 'pr') {
    const present = { kind: 'present', code, type } as const;
    return isTrue(name, value) ? present : { kind: 'not', operand: present };
  }
  return type === 'token'
    ? compareToken(context, operator, value)
    : comparePlain(context, type, operator, value);
}

function comparePlain(
  context: ValueContext,
  type: SearchedType,
  operator: FilterOperator,
  value: string,
): SearchExpression {
  const { code } = context.parameter;
  const test = testOf(context, type, operator, value);
  if (type === 'string' && operator === 'ne') {
    return { kind: 'parameter', code, type, anyOf: [test], except: true };
  }
  return parameterOf(context.name, code, type, [test]);
}

function testOf(
  context: ValueContext,
  type: SearchedType,
  operator: FilterOperator,
  value: string,
): ParameterTest {
  const { name } = context;
  switch (type) {
    case 'string':
      return stringTest(name, operator, value);
    case 'date':
      return dateTest(context, operator, value);
    case 'number': {
      const test = parseNumberTest(name, (operator === 'co' ? 'eq' : operator) + value);
      return operator === 'co' && test.type === 'number' ? { ...test, prefix: 'co' } : test;
    }
    case 'quantity':
      return parseQuantityTest(name, operator + withNamedSystem('quantity', value));
    case 'reference':
      return parseReferenceTest(context, value);
    case 'composite':
      return parseCompositeTest(context, value);
    case 'uri':
      return { type: 'uri', uri: value };
    case 'token':
      return parseTokenTest(name, withNamedSystem('token', value));
  }
}

type StringMatch = (SimpleTest & { readonly type: 'string' })['match'];

const stringMatches: Readonly<Partial<Record<FilterOperator, StringMatch>>> = {
  eq: 'whole',
  ne: 'whole',
  co: 'contains',
  sw: 'starts',
  ew: 'ends',
  gt: 'gt',
  ge: 'ge',
  lt: 'lt',
  le: 'le',
};

function stringTest(name: string, operator: FilterOperator, value: string): SimpleTest {
  const text = normalizeString(value);
  if (text === '') throw invalidValue(name, value, 'a text with at least one letter or digit');
  return { type: 'string', match: stringMatches[operator] ?? 'whole', text };
}

/** `po`, overlapping, is what `ap` is to dates here; `co` has no prefix of its own. */
function dateTest({ name, zone }: ValueContext, operator: FilterOperator, value: string) {
  const prefix = operator === 'po' ? 'ap' : operator;
  const test = parseDateTest(name, (prefix === 'co' ? 'eq' : prefix) + value, zone);
  return prefix === 'co' ? { ...test, prefix } : test;
}

function compareToken(context: ValueContext, operator: FilterOperator, value: string): SearchExpression {
  const { name, parameter } = context;
  const { code } = parameter;
  const text = withNamedSystem('token', value);
  switch (operator) {
    case 'in':
      return { kind: 'lookup', code, type: 'token', anyOf: [parseValueSetLookup(name, value)] };
    case 'ni':
      return {
        kind: 'not',
        operand: { kind: 'lookup', code, type: 'token', anyOf: [parseValueSetLookup(name, value)] },
      };
    // The value subsumes a concept of the resource, which lies below it then; `sb` the other way round.
    case 'ss':
      return { kind: 'lookup', code, type: 'token', anyOf: [parseConceptLookup(name, 'below', text)] };
    case 'sb':
      return { kind: 'lookup', code, type: 'token', anyOf: [parseConceptLookup(name, 'above', text)] };
    default: {
      const anyOf = [parseTokenTest(name, text)];
      return {
        kind: 'parameter',
        code,
        type: 'token',
        anyOf,
        ...(operator === 'ne' ? { except: true } : {}),
      };
    }
  }
}

const every: SearchExpression = { kind: 'and', operands: [] };
const none: SearchExpression = { kind: 'or', operands: [] };

function compareId(name: string, operator: FilterOperator, value: string): SearchExpression {
  if (operator === 'pr') return isTrue(name, value) ? every : none;
  if (operator !== 'eq' && operator !== 'ne')
    throw unknownOperator(name, operator, 'an id', ['eq', 'ne', 'pr']);
  if (!/^[A-Za-z0-9\-.]{1,64}$/.test(value)) {
    throw invalidValue(name, value, 'an id of 1 to 64 letters, digits, - and .');
  }
  const ids: SearchExpression = { kind: 'id', ids: [value] };
  return operator === 'eq' ? ids : { kind: 'not', operand: ids };
}

function compareUpdated(context: ValueContext, operator: FilterOperator, value: string): SearchExpression {
  if (operator === 'pr') return isTrue(context.name, value) ? every : none;
  const { prefix, low, high } = dateTest(context, operator, value);
  return { kind: 'last-updated', prefix: prefix satisfies DatePrefix, low, high };
}

function isTrue(name: string, value: string): boolean {
  if (value !== 'true' && value !== 'false') {
    throw invalidValue(`${shown(name)} pr`, value, 'true or false');
  }
  return value === 'true';
}
