/** Zones in use are few: the server has one. */
const formats = new Map<string, Intl.DateTimeFormat>();
const MAX_FORMATS = 32;
const starts = new Map<string, number>();
const MAX_STARTS = 20_000;
const DAY = 86_400_000;
const MINUTE = 60_000;
const FIXED = /^[+-](\d\d):(\d\d)$/;

/** Milliseconds by which `Z` or `+hh:mm` is ahead of UTC; undefined for other text and beyond ±14:00. */
export function fixedOffset(text: string): number | undefined {
  if (text === 'Z') return 0;
  const [, hours, minutes] = FIXED.exec(text) ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  if (!(total <= 14 * 60) || Number(minutes) > 59) return undefined;
  return (text.startsWith('-') ? -total : total) * MINUTE;
}

const date = new Date(0);

/** Like Date.UTC, for years below 100 too. Months and days beyond their range count on. */
function utc(year: number, month: number, day: number): number {
  date.setTime(0);
  return date.setUTCFullYear(year, month - 1, day);
}

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    if (formats.size >= MAX_FORMATS) formats.clear();
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      hourCycle: 'h23',
    });
    formats.set(zone, format);
  }
  return format;
}

/** What a clock in the zone shows at a moment, as milliseconds of a UTC clock that shows the same. */
function clock(moment: number, zone: string): number {
  const parts: Record<string, string> = {};
  for (const { type, value } of formatOf(zone).formatToParts(moment)) parts[type] = value;
  const year = parts.era === 'BC' ? 1 - Number(parts.year) : Number(parts.year);
  const time = Number(parts.hour) * 3600 + Number(parts.minute) * 60 + Number(parts.second);
  return utc(year, Number(parts.month), Number(parts.day)) + time * 1000;
}

/** The moment at which a clock in the zone shows `local`; where it skips that, the moment it skips to. */
function momentOf(local: number, zone: string): number {
  // The offset in force lies among those of the days around, of which at most one changes.
  const before = local - DAY;
  const after = local + DAY;
  const early = local - (clock(before, zone) - before);
  if (clock(early, zone) === local) return early;
  const late = local - (clock(after, zone) - after);
  if (clock(late, zone) === local) return late;
  return Math.max(early, late);
}

/**
 * The moment at which a day starts in a zone, in milliseconds since the epoch, plus a time of day in
 * milliseconds. Months and days beyond their range count on: month 13 is January of the next year.
 *
 * @param zone IANA name or `+hh:mm`; default UTC. Throws RangeError for a zone that does not exist
 */
export function startOfDay(year: number, month: number, day: number, zone = 'UTC', time = 0): number {
  const local = utc(year, month, day) + time;
  if (zone === 'UTC') return local;
  const fixed = fixedOffset(zone);
  if (fixed !== undefined) return local - fixed;
  const key = `${local} ${zone}`;
  let start = starts.get(key);
  if (start === undefined) {
    start = momentOf(local, zone);
    if (starts.size >= MAX_STARTS) starts.clear();
    starts.set(key, start);
  }
  return start;
}
