import { asObject } from '../json-object.js';
import { FALSE, TRUE, UNKNOWN, truth, type Truth } from './truth.js';

export type Order = '<' | '<=' | '>' | '>=';

export function compareNumbers(order: Order, left: number, right: number): Truth {
  if (order === '<') return truth(left < right);
  if (order === '<=') return truth(left <= right);
  return order === '>' ? truth(left > right) : truth(left >= right);
}

interface Span {
  readonly first: number;
  /** Behind the last moment; equal to `first` for a moment. */
  readonly end: number;
  readonly zoned: boolean;
}

const parts = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(T.*)?)?)?$/;

/** The moments that a date may mean, by its precision; in UTC where it has no zone. */
function spanOf(text: string): Span | undefined {
  const [, year, month, day, time] = parts.exec(text) ?? [];
  if (year === undefined) return undefined;
  if (time !== undefined) {
    // Date.parse knows no leap second.
    const moment = Date.parse(text.replace(/:60(?=[.Z+-])/, ':59'));
    return Number.isNaN(moment) ? undefined : { first: moment, end: moment, zoned: true };
  }
  const [y, m, d] = [Number(year), Number(month ?? 1) - 1, Number(day ?? 1)];
  const end =
    day === undefined
      ? utc(month === undefined ? y + 1 : y, month === undefined ? 0 : m + 1, 1)
      : utc(y, m, d + 1);
  return { first: utc(y, m, d), end, zoned: false };
}

/** Date.UTC, which takes years below 100 for those of the last century. */
function utc(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month, day);
}

const HALF_DAY = 14 * 3_600_000;

/**
 * Compares dates by precision: UNKNOWN where both orders are possible. A date without a zone may be any day
 * of the globe when it is compared with a moment. Source: FHIRPath N1, date and time comparison.
 */
export function compareDates(order: Order, left: unknown, right: unknown): Truth {
  const a = typeof left === 'string' ? spanOf(left) : undefined;
  const b = typeof right === 'string' ? spanOf(right) : undefined;
  if (a === undefined || b === undefined) return UNKNOWN;
  if (order === '>' || order === '>=') return atMost(b, a, order === '>');
  return atMost(a, b, order === '<');
}

function atMost(a: Span, b: Span, strictly: boolean): Truth {
  if (a.first === b.first && a.end === b.end) return truth(!strictly);
  const slack = a.zoned === b.zoned ? 0 : HALF_DAY;
  if (a.end + slack <= b.first) return TRUE;
  return a.first - slack >= b.end ? FALSE : UNKNOWN;
}

/** Compares quantities of the same unit; UNKNOWN for others. */
export function compareQuantities(order: Order, left: unknown, right: unknown): Truth {
  const a = asObject(left);
  const b = asObject(right);
  if (typeof a?.value !== 'number' || typeof b?.value !== 'number') return UNKNOWN;
  const isSameUnit = a.system === b.system && a.code === b.code && sameUnitText(a, b);
  return isSameUnit ? compareNumbers(order, a.value, b.value) : UNKNOWN;
}

function sameUnitText(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  return a.code !== undefined || a.unit === b.unit;
}
