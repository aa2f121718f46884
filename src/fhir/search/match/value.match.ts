import type { CompositeValue, IndexValue } from '../index-values.js';
import type { ParameterTest, SimpleTest } from '../query.js';
import { matchesNumber, matchesRange } from './range.match.js';

type TestOf<T extends SimpleTest['type']> = SimpleTest & { readonly type: T };
type ValueOf<T extends IndexValue['type']> = IndexValue & { readonly type: T };

/** Whether a value of a search parameter passes a test of it. Source: FHIR R4 search.html#ptypes. */
export function matchesValue(value: IndexValue | CompositeValue, test: ParameterTest): boolean {
  switch (value.type) {
    case 'token':
      return test.type === 'token' && matchesToken(value, test);
    case 'string':
      return test.type === 'string' && matchesString(value, test);
    case 'date':
      return test.type === 'date' && matchesRange(test, value);
    case 'number':
      return test.type === 'number' && matchesNumber(test, value);
    case 'quantity':
      return test.type === 'quantity' && matchesQuantity(value, test);
    case 'reference':
      return test.type === 'reference' && matchesReference(value, test);
    case 'uri':
      return test.type === 'uri' && matchesUri(value.uri, test);
    case 'position':
    case 'term':
      return false;
    case 'composite':
      return test.type === 'composite' && matchesComposite(value, test.components);
  }
}

/** The components of one value, so that a code and a value of different elements make no match. */
function matchesComposite({ components }: CompositeValue, tests: readonly SimpleTest[]): boolean {
  return tests.every((test, n) => {
    const value = components[n];
    return value !== undefined && matchesValue(value, test);
  });
}

function matchesToken({ system, code, caseSensitive }: ValueOf<'token'>, test: TestOf<'token'>): boolean {
  if (test.system !== undefined && test.system !== system) return false;
  if (test.codes !== undefined) return code !== null && isOneOf(test.codes, code, caseSensitive);
  if (test.coded === true && code === null) return false;
  if (test.code === undefined || code === test.code) return true;
  return code !== null && !caseSensitive && code.toLowerCase() === test.code.toLowerCase();
}

interface Lists {
  readonly exact: ReadonlySet<string>;
  readonly folded: ReadonlySet<string>;
}

/** Lists of codes are long, and asked of one resource after another. */
const lists = new WeakMap<readonly string[], Lists>();

function isOneOf(codes: readonly string[], code: string, caseSensitive: boolean): boolean {
  let known = lists.get(codes);
  if (known === undefined) {
    known = { exact: new Set(codes), folded: new Set(codes.map((one) => one.toLowerCase())) };
    lists.set(codes, known);
  }
  return caseSensitive ? known.exact.has(code) : known.folded.has(code.toLowerCase());
}

function matchesString({ exact, normalized }: ValueOf<'string'>, { match, text }: TestOf<'string'>): boolean {
  switch (match) {
    case 'exact':
      return exact === text;
    case 'contains':
      return normalized.includes(text);
    case 'starts':
      return normalized.startsWith(text);
    case 'whole':
      return normalized === text;
    case 'ends':
      return normalized.endsWith(text);
    case 'gt':
      return byCodePoints(normalized, text) > 0;
    case 'ge':
      return byCodePoints(normalized, text) >= 0;
    case 'lt':
      return byCodePoints(normalized, text) < 0;
    case 'le':
      return byCodePoints(normalized, text) <= 0;
  }
}

/** As UTF-8 is sorted; UTF-16 has another order beyond U+FFFF. */
function byCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Without a system the code may be the code of the unit or its printed form. */
function matchesQuantity(value: ValueOf<'quantity'>, test: TestOf<'quantity'>): boolean {
  if (test.system !== undefined && test.system !== value.system) return false;
  if (test.code !== undefined) {
    const isUnit = test.system === undefined && value.unit === test.code;
    if (!isUnit && value.code !== test.code) return false;
  }
  return matchesNumber(test, value);
}

function matchesReference(value: ValueOf<'reference'>, test: TestOf<'reference'>): boolean {
  if (!hasTarget(value, test)) return false;
  const version = test.targetVersion ?? test.canonicalVersion;
  if (version === undefined) return true;
  const own = value.targetVersion ?? value.canonicalVersion ?? '';
  return own === version || (test.versionParts === true && own.startsWith(`${version}.`));
}

function hasTarget(value: ValueOf<'reference'>, { targetType, targetId, url }: TestOf<'reference'>): boolean {
  if (targetId === undefined) return url !== undefined && url === value.url;
  return value.targetId === targetId && (targetType === undefined || value.targetType === targetType);
}

function matchesUri(uri: string, test: TestOf<'uri'>): boolean {
  return uri === test.uri || (test.below !== undefined && uri.startsWith(test.uri + test.below));
}
