import { fieldsAt, numberAt, textAt } from './json.js';
import type { Element } from './elements.js';

/** A number as an integer of units of 10^-60, so that bounds are compared exactly. */
type Exact = bigint;

const places = 60;

/** Undefined for what is no decimal. */
export function exact(text: string): Exact | undefined {
  const match = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,2}))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const power = places + Number(exponent) - fraction.length;
  if (power < 0) return undefined;
  const units = BigInt(whole + fraction) * 10n ** BigInt(power);
  return sign === '-' ? -units : units;
}

/** Half a unit of the last digit; a single digit with an exponent has another behind it (`1e2` is 95 to 105). */
function half(text: string): Exact {
  const match = /^[+-]?\d+(?:\.(\d+))?(?:[eE]([+-]?\d{1,2}))?$/.exec(text);
  const [, fraction = '', exponent] = match ?? [];
  const digits = exponent !== undefined && fraction === '' ? 1 : fraction.length;
  return 10n ** BigInt(places + Number(exponent ?? 0) - digits) / 2n;
}

/** A number of a resource: its value, and whether a comparator or an open Range lets it go on to one side. */
export interface Amount {
  readonly value: number;
  readonly openBelow: boolean;
  readonly openAbove: boolean;
}

export function amountOf(value: number): Amount {
  return { value, openBelow: false, openAbove: false };
}

/** The number of a Quantity with its comparator. */
export function comparedAmount(quantity: unknown): Amount | undefined {
  const value = numberAt(quantity, 'value');
  if (value === undefined) return undefined;
  const comparator = textAt(quantity, 'comparator') ?? '';
  return {
    ...amountOf(value),
    openBelow: comparator.startsWith('<'),
    openAbove: comparator.startsWith('>'),
  };
}

/** A Range counts by its middle, or by the end that it has. */
export function rangeAmount(range: unknown): Amount | undefined {
  const low = numberAt(fieldsAt(range, 'low'), 'value');
  const high = numberAt(fieldsAt(range, 'high'), 'value');
  if (low !== undefined && high !== undefined) return low > high ? undefined : amountOf((low + high) / 2);
  const end = low ?? high;
  return end === undefined
    ? undefined
    : { ...amountOf(end), openBelow: low === undefined, openAbove: high === undefined };
}

export function amountsOf({ type, value }: Element): Amount[] {
  if (typeof value === 'number') return [amountOf(value)];
  const range = type === 'Range' ? rangeAmount(value) : undefined;
  return range === undefined ? [] : [range];
}

/**
 * Whether a number passes a search such as `lt5.40`. A number of a resource counts by itself; the digits of the
 * search say how far `eq` and `ne` reach, and `ap` reaches a tenth. Source: FHIR R4 search.html#number and
 * docs/adr/0008.
 */
export function amountPasses(prefix: string, text: string, amount: Amount): boolean {
  const wanted = required(text);
  const value = required(String(amount.value));
  const { openBelow, openAbove } = amount;
  const reach = half(text);
  const equal = value >= wanted - reach && value < wanted + reach && !openBelow && !openAbove;
  switch (prefix) {
    case 'eq':
      return equal;
    case 'ne':
      return !equal;
    case 'gt':
      return value > wanted || openAbove;
    case 'ge':
      return value >= wanted || openAbove;
    case 'lt':
      return value < wanted || openBelow;
    case 'le':
      return value <= wanted || openBelow;
    case 'sa':
      return value > wanted && !openBelow;
    case 'eb':
      return value < wanted && !openAbove;
    case 'ap':
      return approximately(wanted, reach, value, amount);
    default:
      throw new Error(`no prefix: ${prefix}`);
  }
}

/** Whether what the digits of a number leave open, or the range, holds the number of a search. */
export function amountHolds({ type, value }: Element, text: string): boolean {
  const wanted = required(text);
  if (typeof value === 'number') {
    const own = String(value);
    return required(own) - half(own) <= wanted && wanted < required(own) + half(own);
  }
  if (type !== 'Range') return false;
  const [low, high] = ['low', 'high'].map((end) => numberAt(fieldsAt(value, end), 'value'));
  if ((low === undefined && high === undefined) || (low ?? -Infinity) > (high ?? Infinity)) return false;
  const [from, to] = [low, high].map((end) => (end === undefined ? undefined : String(end)));
  return (
    (from === undefined || required(from) - half(from) <= wanted) &&
    (to === undefined || wanted < required(to) + half(to))
  );
}

function approximately(wanted: Exact, reach: Exact, value: Exact, { openBelow, openAbove }: Amount): boolean {
  const tenth = (wanted < 0n ? -wanted : wanted) / 10n;
  const margin = tenth > reach ? tenth : reach;
  return (openBelow || value <= wanted + margin) && (openAbove || value >= wanted - margin);
}

function required(text: string): Exact {
  const number = exact(text);
  if (number === undefined) throw new Error(`no decimal: ${text}`);
  return number;
}
