import { loadDefinitions } from '../../definitions/index.js';
import type { CompositeValue, DateValue, ParameterValues, ReferenceValue } from '../index-values.js';
import { dateRange } from './date-range.js';
import type { ExtractionContext } from './extraction-context.js';
import { parseReference } from './reference.converter.js';
import { isFields, itemsOf, textOf } from './visit.js';
import type { Fields } from './visit.js';

/**
 * Code of the index values that tell who looks after the patient of a CareTeam or an Encounter, and when: composites of
 * the participant and, twice, of the time. No search can name it.
 */
export const participations = ':participation';

interface Relating {
  /** Element of a participant that refers to who it is. */
  readonly member: string;
  /** Values of `status` while it is open; undefined among them: it need not have one. */
  readonly open: ReadonlySet<string | undefined>;
}

/** The types by which a patient names who looks after them. Source: docs/access.md. */
const relating: ReadonlyMap<string, Relating> = new Map([
  ['CareTeam', { member: 'member', open: new Set([undefined, 'active']) }],
  [
    'Encounter',
    { member: 'individual', open: new Set(['planned', 'arrived', 'triaged', 'in-progress', 'onleave']) },
  ],
]);

/** Who takes part in a CareTeam or an Encounter while it is open; undefined: nobody. */
export function participationValues(
  type: string,
  resource: unknown,
  context: ExtractionContext,
): ParameterValues | undefined {
  const of = relating.get(type);
  if (of === undefined || !isFields(resource)) return undefined;
  const { status } = resource;
  if (status !== undefined && typeof status !== 'string') return undefined;
  if (!of.open.has(status)) return undefined;
  const whole = periodOf(resource, context);
  const values = itemsOf(resource, 'participant').flatMap((participant): CompositeValue[] => {
    if (whole === undefined || !isFields(participant)) return [];
    const member = memberOf(participant[of.member], context);
    const own = periodOf(participant, context);
    if (member === undefined || own === undefined) return [];
    const low = Math.max(whole.low, own.low);
    const high = Math.min(whole.high, own.high);
    if (low > high) return [];
    const time: DateValue = { type: 'date', low, high };
    return [{ type: 'composite', components: [member, time, time] }];
  });
  return values.length === 0 ? undefined : { code: participations, values };
}

function memberOf(value: unknown, context: ExtractionContext): ReferenceValue | undefined {
  const text = isFields(value) ? textOf(value, 'reference') : null;
  const literal =
    text === null ? null : parseReference(text, context.definitions ?? loadDefinitions(), context);
  if (literal?.targetType == null) return undefined;
  return { type: 'reference', ...literal, targetVersion: null, canonicalVersion: null, identifier: null };
}

/** From the first millisecond to the last one; undefined: a period that can't be read is none at all. */
function periodOf(owner: Fields, { timeZone }: ExtractionContext): Omit<DateValue, 'type'> | undefined {
  const { period } = owner;
  if (period === undefined) return always;
  if (!isFields(period)) return undefined;
  const start = period.start === undefined ? always : rangeOf(period.start, timeZone);
  const end = period.end === undefined ? always : rangeOf(period.end, timeZone);
  return start && end && { low: start.low, high: end.high };
}

const always = { low: Number.MIN_SAFE_INTEGER, high: Number.MAX_SAFE_INTEGER };

function rangeOf(value: unknown, zone: string | undefined): Omit<DateValue, 'type'> | undefined {
  return typeof value === 'string' ? dateRange(value, zone) : undefined;
}
