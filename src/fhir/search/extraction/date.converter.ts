import { dateRange } from './date-range.js';
import type { DateRange } from './date-range.js';
import type { ExtractionContext } from './extraction-context.js';
import { isFields, itemsOf } from './visit.js';
import type { Fields, Run, Target, Visit } from './visit.js';

function rangeOf(value: unknown, context: ExtractionContext): DateRange | undefined {
  return typeof value === 'string' ? dateRange(value, context.timeZone) : undefined;
}

function push(low: number, high: number, run: Run): void {
  if (low <= high) run.values.push({ type: 'date', low, high });
}

const visitDate: Visit = (value, _owner, _key, run) => {
  const range = rangeOf(value, run.context);
  if (range) push(range.low, range.high, run);
};

/** Open where an end is absent; undefined where there is neither end or one is no date. */
function periodOf(period: Fields, context: ExtractionContext): DateRange | undefined {
  const start = rangeOf(period.start, context);
  const end = rangeOf(period.end, context);
  if (period.start !== undefined && !start) return undefined;
  if (period.end !== undefined && !end) return undefined;
  if (!start && !end) return undefined;
  return { low: start?.low ?? Number.MIN_SAFE_INTEGER, high: end?.high ?? Number.MAX_SAFE_INTEGER };
}

const visitPeriod: Visit = (value, _owner, _key, run) => {
  const range = isFields(value) ? periodOf(value, run.context) : undefined;
  if (range) push(range.low, range.high, run);
};

/** Only the outer limits of a schedule count: the first and last of its events and of its bounds. */
const visitTiming: Visit = (value, _owner, _key, run) => {
  if (!isFields(value)) return;
  let low = Infinity;
  let high = -Infinity;
  const widen = (range: DateRange | undefined): void => {
    if (!range) return;
    low = Math.min(low, range.low);
    high = Math.max(high, range.high);
  };
  for (const event of itemsOf(value, 'event')) widen(rangeOf(event, run.context));
  const bounds = isFields(value.repeat) ? value.repeat.boundsPeriod : undefined;
  if (isFields(bounds)) widen(periodOf(bounds, run.context));
  push(low, high, run);
};

/** Index values of date parameters. Source: FHIR R4 search.html#date. */
export function dateConverter(target: Target): Visit | undefined {
  switch (target.type.code) {
    case 'date':
    case 'dateTime':
    case 'instant':
      return visitDate;
    case 'Period':
      return visitPeriod;
    case 'Timing':
      return visitTiming;
    default:
      return undefined;
  }
}
