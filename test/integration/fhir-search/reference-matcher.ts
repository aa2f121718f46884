import type { IndexValue, ParameterValues } from '../../../src/fhir/search/index-values.js';
import type { ParameterTest, SearchExpression, SortKey } from '../../../src/fhir/search/query.js';
import { normalizeString } from '../../../src/fhir/search/extraction/index.js';

/** A resource as the matcher sees it. */
export interface Indexed {
  readonly id: string;
  readonly lastUpdated: number;
  readonly values: readonly ParameterValues[];
}

/** The meaning of a query, written down without a thought for speed: what the statements are held against. */
export function matches(resource: Indexed, expression: SearchExpression): boolean {
  switch (expression.kind) {
    case 'and':
      return expression.operands.every((operand) => matches(resource, operand));
    case 'or':
      return expression.operands.some((operand) => matches(resource, operand));
    case 'not':
      return !matches(resource, expression.operand);
    case 'of-type':
      // Resources of one type only are compared here.
      return matches(resource, expression.operand);
    case 'id':
      return expression.ids.includes(resource.id);
    case 'last-updated': {
      const { lastUpdated } = resource;
      return rangeMatches(expression, lastUpdated, lastUpdated);
    }
    case 'present':
      return valuesOf(resource, expression.code).length > 0;
    case 'parameter':
      return valuesOf(resource, expression.code).some((value) =>
        expression.anyOf.some((test) => valueMatches(value, test)),
      );
    case 'chain':
    case 'has':
      throw new Error('One resource does not tell.');
  }
}

function valuesOf(resource: Indexed, code: string): IndexValue[] {
  const [base = '', modifier] = code.split(':');
  const found = resource.values.find((parameter) => parameter.code === base)?.values ?? [];
  const plain = found.filter((value): value is IndexValue => value.type !== 'composite');
  return modifier === undefined ? plain : plain.flatMap((value) => derived(value, modifier));
}

/** What a modifier searches of a value, under a code such as `code:text`. */
function derived(value: IndexValue, modifier: string): IndexValue[] {
  const token = (system: string | null, code: string): IndexValue => ({
    type: 'token',
    system,
    code,
    text: null,
    caseSensitive: true,
  });
  if (value.type === 'reference' && modifier === 'identifier' && value.identifier !== null) {
    return [token(value.identifier.system, value.identifier.value)];
  }
  if (value.type !== 'token') return [];
  if (modifier === 'text' && value.text !== null) {
    return [{ type: 'string', exact: value.text, normalized: normalizeString(value.text) }];
  }
  if (modifier !== 'of-type') return [];
  return (value.ofType ?? []).map((type) =>
    token(type.system, `${type.code.replaceAll('\\', '\\\\').replaceAll('|', '\\|')}|${value.code}`),
  );
}

interface Range {
  readonly prefix: string;
  readonly low: number;
  readonly high: number;
}

/** Ranges of instants, both ends included. */
function rangeMatches(search: Range, low: number, high: number): boolean {
  const contained = search.low <= low && high <= search.high;
  switch (search.prefix) {
    case 'eq':
      return contained;
    case 'ne':
      return !contained;
    case 'gt':
      return high > search.high;
    case 'lt':
      return low < search.low;
    case 'ge':
      return high > search.high || contained;
    case 'le':
      return low < search.low || contained;
    case 'sa':
      return low > search.high;
    case 'eb':
      return high < search.low;
    default:
      return low <= search.high && high >= search.low;
  }
}

function numberMatches(
  search: Range & { readonly value: number },
  target: { readonly value: number; readonly low: number; readonly high: number },
): boolean {
  const isBelow = target.low === -Number.MAX_VALUE;
  const isAbove = target.high === Number.MAX_VALUE;
  const equal = !isBelow && !isAbove && target.value >= search.low && target.value < search.high;
  switch (search.prefix) {
    case 'eq':
      return equal;
    case 'ne':
      return !equal;
    case 'gt':
      return target.value > search.value || isAbove;
    case 'ge':
      return target.value >= search.value || isAbove;
    case 'lt':
      return target.value < search.value || isBelow;
    case 'le':
      return target.value <= search.value || isBelow;
    case 'sa':
      return target.value > search.value && !isBelow;
    case 'eb':
      return target.value < search.value && !isAbove;
    default:
      if (isBelow) return target.high >= search.low;
      if (isAbove) return target.low <= search.high;
      return target.value >= search.low && target.value <= search.high;
  }
}

function valueMatches(value: IndexValue, test: ParameterTest): boolean {
  if (value.type === 'token' && test.type === 'token') {
    if (test.system !== undefined && test.system !== value.system) return false;
    if (test.code === undefined) return true;
    if (value.code === null) return false;
    return value.caseSensitive
      ? value.code === test.code
      : value.code.toLowerCase() === test.code.toLowerCase();
  }
  if (value.type === 'string' && test.type === 'string') {
    if (test.match === 'exact') return value.exact === test.text;
    if (test.match === 'starts') return value.normalized.startsWith(test.text);
    return value.normalized.includes(test.text);
  }
  if (value.type === 'date' && test.type === 'date') return rangeMatches(test, value.low, value.high);
  if (value.type === 'number' && test.type === 'number') return numberMatches(test, value);
  if (value.type === 'quantity' && test.type === 'quantity') {
    if (test.system !== undefined && test.system !== value.system) return false;
    if (test.code !== undefined && test.system !== undefined && test.code !== value.code) return false;
    if (
      test.code !== undefined &&
      test.system === undefined &&
      ![value.code, value.unit].includes(test.code)
    ) {
      return false;
    }
    return numberMatches(test, value);
  }
  if (value.type === 'reference' && test.type === 'reference') {
    if (test.targetId !== undefined && test.targetId !== value.targetId) return false;
    if (test.targetType !== undefined && test.targetType !== value.targetType) return false;
    if (test.url !== undefined && test.url !== value.url) return false;
    if (test.targetVersion !== undefined && test.targetVersion !== value.targetVersion) return false;
    if (test.canonicalVersion === undefined || test.canonicalVersion === value.canonicalVersion) {
      return test.targetId !== undefined || test.url !== undefined;
    }
    return test.versionParts === true && `${value.canonicalVersion}`.startsWith(`${test.canonicalVersion}.`);
  }
  if (value.type !== 'uri' || test.type !== 'uri') return false;
  return value.uri === test.uri || (test.below !== undefined && value.uri.startsWith(test.uri + test.below));
}

/** Compares by UTF-8 bytes, numbers as numbers; undefined comes last in either direction. */
export function compareBy(sort: readonly SortKey[]) {
  return (a: Indexed, b: Indexed): number => {
    for (const key of sort) {
      const [left, right] = [sortValue(a, key), sortValue(b, key)];
      if (left === undefined && right === undefined) continue;
      if (left === undefined) return 1;
      if (right === undefined) return -1;
      const order = compareValues(left, right);
      if (order !== 0) return key.descending ? -order : order;
    }
    return 0;
  };
}

type SortValue = string | number;

function compareValues(a: SortValue, b: SortValue): number {
  return typeof a === 'number' && typeof b === 'number'
    ? a - b
    : Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}

function sortValue(resource: Indexed, { code, type, descending }: SortKey): SortValue | undefined {
  if (type === 'id') return resource.id;
  if (type === 'last-updated') return resource.lastUpdated;
  const values = valuesOf(resource, code)
    .map((value) => sortable(value, descending))
    .filter((value) => value !== undefined)
    .sort(compareValues);
  return descending ? values.at(-1) : values[0];
}

function sortable(value: IndexValue, descending: boolean): SortValue | undefined {
  switch (value.type) {
    case 'token':
      if (value.code === null) return undefined;
      return value.caseSensitive ? value.code : value.code.toLowerCase();
    case 'string':
      return normalizeString(value.exact);
    case 'date':
      return descending ? value.high : value.low;
    case 'number':
    case 'quantity':
      return value.value;
    case 'reference':
      return value.targetId ?? value.url ?? undefined;
    case 'uri':
      return value.uri;
  }
}
