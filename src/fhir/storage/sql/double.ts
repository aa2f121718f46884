const SMALLEST_NORMAL_DOUBLE = 2.2250738585072014e-308;

/** A number that a DOUBLE column of every database takes: finite, and not below the smallest that MySQL knows. */
export function double(value: number): number {
  if (Number.isNaN(value) || Math.abs(value) < SMALLEST_NORMAL_DOUBLE) return 0;
  return Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);
}
