import { decimalRange } from './decimal-range.js';
import type { DecimalRange } from './decimal-range.js';
import { isFields } from './visit.js';
import type { Run, Target, Visit } from './visit.js';

/** The same numbers come again and again, and each is wanted by several parameters. */
const ranges = new Map<string | number, DecimalRange>();
const MAX_RANGES = 10_000;
const MAX_TEXT = 32;

function knownRange(key: string | number): DecimalRange | undefined {
  const known = ranges.get(key);
  if (known) return known;
  const range = decimalRange(String(key));
  if (!range) return undefined;
  if (typeof key === 'number' || key.length <= MAX_TEXT) {
    if (ranges.size >= MAX_RANGES) ranges.clear();
    ranges.set(key, range);
  }
  return range;
}

/** The number at a property with its precision; undefined: there is none. */
export function numberAt(owner: object, key: string | number, run: Run): DecimalRange | undefined {
  const value: unknown = Reflect.get(owner, key);
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  const text = run.context.decimalText?.(owner, key);
  return (text === undefined ? undefined : knownRange(text)) ?? knownRange(value);
}

const visitNumber: Visit = (_value, owner, key, run) => {
  const range = numberAt(owner, key, run);
  if (range) run.values.push({ type: 'number', ...range });
};

/**
 * The range between two quantities, open where one is absent; its value is the middle, or the end that is
 * there. Undefined where there is neither end, or they are the wrong way round.
 */
export function boundsOf(range: unknown, run: Run): DecimalRange | undefined {
  if (!isFields(range)) return undefined;
  const lower = isFields(range.low) ? numberAt(range.low, 'value', run) : undefined;
  const upper = isFields(range.high) ? numberAt(range.high, 'value', run) : undefined;
  const low = lower?.low ?? -Number.MAX_VALUE;
  const high = upper?.high ?? Number.MAX_VALUE;
  if (low > high) return undefined;
  if (lower && upper) return { value: lower.value / 2 + upper.value / 2, low, high };
  const end = lower ?? upper;
  return end && { value: end.value, low, high };
}

const visitRange: Visit = (value, _owner, _key, run) => {
  const range = boundsOf(value, run);
  if (range) run.values.push({ type: 'number', ...range });
};

/** Index values of number parameters. Source: FHIR R4 search.html#number. */
export function numberConverter(target: Target): Visit | undefined {
  switch (target.type.code) {
    case 'integer':
    case 'positiveInt':
    case 'unsignedInt':
    case 'decimal':
      return visitNumber;
    case 'Range':
      return visitRange;
    default:
      return undefined;
  }
}
