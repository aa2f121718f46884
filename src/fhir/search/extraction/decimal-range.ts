/** A number with the range that its digits leave open. */
export interface DecimalRange {
  readonly value: number;
  /** Inclusive. */
  readonly low: number;
  /** Exclusive. */
  readonly high: number;
}

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/;
const MAX_LENGTH = 400;

/**
 * Value and implicit precision of a decimal: half a unit of its last digit to either side, computed on the
 * digits so that the bounds are the nearest numbers to the exact ones. In the exponent form a single digit
 * counts as two (`1e2` is `1.0e2`), which is how the specification reads its own example: [95, 105).
 * Undefined for what is no decimal or lies outside the range of a number.
 *
 * Source: FHIR R4 search.html#number.
 *
 * @example decimalRange('2.0') // { value: 2, low: 1.95, high: 2.05 }
 */
export function decimalRange(text: string): DecimalRange | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent] = match;
  const value = Number(text);
  if (!Number.isFinite(value)) return undefined;
  const padded = exponent !== undefined && fraction === '' ? '0' : fraction;
  const power = Number(exponent ?? 0) - padded.length - 1;
  const digits = `${whole}${padded}0`;
  const around = digits.length < 16 ? around53(digits) : aroundAny(digits);
  const [low, high] =
    sign === '-' ? [`-${around.above}`, negative(around.below)] : [around.below, around.above];
  return { value: value + 0, low: bounded(`${low}e${power}`), high: bounded(`${high}e${power}`) };
}

function around53(digits: string) {
  const n = Number(digits);
  return { below: String(n - 5), above: String(n + 5) };
}

function aroundAny(digits: string) {
  const n = BigInt(digits);
  return { below: String(n - 5n), above: String(n + 5n) };
}

const negative = (digits: string) => (digits.startsWith('-') ? digits.slice(1) : `-${digits}`);

/** Infinity can't be stored; the bounds of numbers close to the largest end at the largest. */
function bounded(text: string): number {
  const value = Number(text);
  if (value === Infinity) return Number.MAX_VALUE;
  return value === -Infinity ? -Number.MAX_VALUE : value + 0;
}
