import { fieldsAt, isFields, listAt, textAt } from './json.js';
import type { Element } from './elements.js';

/** Milliseconds from the first to the last, both included; infinite where an end is open. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

const second = 1000;
const minute = 60 * second;
const day = 24 * 60 * minute;

/** What a date or time covers by its precision, UTC where it has no zone. */
export function spanOf(text: string): Span | undefined {
  const match = /^(\d{4})(-\d\d)?(-\d\d)?(?:T(\d\d:\d\d)(:\d\d)?(\.\d+)?(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  if (match === null) return undefined;
  const [, year = '', month, date, time, seconds, fraction, zone = 'Z'] = match;
  if (month === undefined)
    return between(`${year}-01-01`, `${String(Number(year) + 1).padStart(4, '0')}-01-01`);
  if (date === undefined)
    return between(`${year}${month}-01`, nextMonth(Number(year), Number(month.slice(1))));
  if (time === undefined) return lasting(Date.parse(`${year}${month}${date}T00:00:00Z`), day);
  const digits = (fraction ?? '').slice(1, 4);
  const start = Date.parse(
    `${year}${month}${date}T${time}${seconds ?? ':00'}.${digits.padEnd(3, '0')}${zone}`,
  );
  if (seconds === undefined) return lasting(start, minute);
  return lasting(start, second / 10 ** digits.length);
}

const lasting = (start: number, length: number): Span => ({ first: start, last: start + length - 1 });
const between = (start: string, end: string): Span => ({
  first: Date.parse(start),
  last: Date.parse(end) - 1,
});

function nextMonth(year: number, month: number): string {
  const [y, m] = month === 12 ? [year + 1, 1] : [year, month + 1];
  return `${String(y).padStart(4, '0')}-${String(m).padStart(2, '0')}-01`;
}

/** The spans of an element of a date parameter. */
export function spansOf({ type, value }: Element): Span[] {
  if (type === 'Period') return present(periodOf(value));
  if (type === 'Timing') return present(outerLimits(value));
  return typeof value === 'string' ? present(spanOf(value)) : [];
}

const present = (span: Span | undefined): Span[] =>
  span !== undefined && span.first <= span.last ? [span] : [];

function periodOf(period: unknown): Span | undefined {
  const [start, end] = [textAt(period, 'start'), textAt(period, 'end')];
  if (start === undefined && end === undefined) return undefined;
  return {
    first: start === undefined ? -Infinity : (spanOf(start)?.first ?? NaN),
    last: end === undefined ? Infinity : (spanOf(end)?.last ?? NaN),
  };
}

function outerLimits(timing: unknown): Span | undefined {
  const repeat = fieldsAt(timing, 'repeat');
  const spans = [
    ...listAt(timing, 'event').map((event) => spanOf(String(event))),
    isFields(repeat.boundsPeriod) ? periodOf(repeat.boundsPeriod) : undefined,
  ].filter((span) => span !== undefined);
  if (spans.length === 0) return undefined;
  return {
    first: Math.min(...spans.map(({ first }) => first)),
    last: Math.max(...spans.map(({ last }) => last)),
  };
}

/** How the span of a resource lies to that of a search. Source: FHIR R4 search.html#prefix. */
export function spanPasses(prefix: string, search: Span, target: Span): boolean {
  const contained = search.first <= target.first && target.last <= search.last;
  const reachesAbove = target.last > search.last;
  const reachesBelow = target.first < search.first;
  switch (prefix) {
    case 'eq':
      return contained;
    case 'ne':
      return !contained;
    case 'gt':
      return reachesAbove;
    case 'lt':
      return reachesBelow;
    case 'ge':
      return reachesAbove || contained;
    case 'le':
      return reachesBelow || contained;
    case 'sa':
      return target.first > search.last;
    case 'eb':
      return target.last < search.first;
    case 'ap':
      return target.first <= search.last && search.first <= target.last;
    default:
      throw new Error(`no prefix: ${prefix}`);
  }
}
