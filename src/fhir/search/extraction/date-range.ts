import { fixedOffset, startOfDay } from './time-zone.js';

/** The milliseconds that a date or time stands for; both ends inclusive. */
export interface DateRange {
  readonly low: number;
  readonly high: number;
}

const DATE =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,20}))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;
const MINUTE = 60_000;

/**
 * The range that a date, dateTime or instant covers by its precision. Without an offset it is taken in `zone`,
 * a day there being as long as it is. Also takes what only a search may say: times without seconds or offset.
 * Undefined for what is no date: 30 February, hour 24, an offset beyond ±14:00.
 *
 * Source: FHIR R4 search.html#date.
 *
 * @param zone IANA name or `+hh:mm`; default UTC. Throws RangeError for a zone that does not exist
 * @example dateRange('2024-02') // 1 February 2024 00:00:00.000 to 29 February 23:59:59.999
 */
export function dateRange(text: string, zone = 'UTC'): DateRange | undefined {
  const match = DATE.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction, offset] = match;
  const y = Number(year);
  if (y === 0) return undefined;
  if (month === undefined) return between(startOfDay(y, 1, 1, zone), startOfDay(y + 1, 1, 1, zone));
  const m = Number(month);
  if (m < 1 || m > 12) return undefined;
  if (day === undefined) return between(startOfDay(y, m, 1, zone), startOfDay(y, m + 1, 1, zone));
  const d = Number(day);
  if (d < 1 || d > daysIn(y, m)) return undefined;
  if (hour === undefined) return between(startOfDay(y, m, d, zone), startOfDay(y, m, d + 1, zone));
  const time = timeOfDay(Number(hour), Number(minute), second, fraction);
  if (!time) return undefined;
  const shift = offset === undefined ? null : fixedOffset(offset);
  if (shift === undefined) return undefined;
  const start =
    shift === null ? startOfDay(y, m, d, zone, time.start) : startOfDay(y, m, d) + time.start - shift;
  return { low: start, high: start + time.length - 1 };
}

const between = (start: number, end: number): DateRange => ({ low: start, high: end - 1 });

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Milliseconds since midnight and the length that the precision leaves; finer than 1 ms counts as 1 ms. */
function timeOfDay(hour: number, minute: number, second: string | undefined, fraction: string | undefined) {
  if (hour > 23 || minute > 59) return undefined;
  const start = hour * 60 * MINUTE + minute * MINUTE;
  if (second === undefined) return { start, length: MINUTE };
  // A leap second is the last of its minute, as there is no other place for it.
  const seconds = Math.min(Number(second), 59);
  if (Number(second) > 60) return undefined;
  if (fraction === undefined) return { start: start + seconds * 1000, length: 1000 };
  const digits = Math.min(fraction.length, 3);
  const millis = Number(fraction.slice(0, 3).padEnd(3, '0'));
  return { start: start + seconds * 1000 + millis, length: 10 ** (3 - digits) };
}
