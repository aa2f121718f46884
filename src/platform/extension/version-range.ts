/** Major, minor and patch. */
type Version = readonly [number, number, number];

/** Versions from `from` on and before `before`. */
interface Span {
  readonly from: Version;
  readonly before: Version;
}

const lowest: Version = [0, 0, 0];
const beyond: Version = [Infinity, 0, 0];
const comparator = /^(>=|<=|>|<|=|\^|~)?(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?$/;

/**
 * Whether a version lies in a range as npm writes them: comparators (`>=0.1 <0.2`), `^0.1.0`, `~1.2`, `1.2`, and
 * alternatives parted by `||`. A pre-release counts as the release that it leads to, so that `0.2.0-rc.1` is no `<0.2`.
 *
 * @returns undefined: the range is none
 */
export function satisfies(version: string, range: string): boolean | undefined {
  const alternatives = range.split('||').map((text) => spansOf(text.trim()));
  if (alternatives.includes(undefined)) return undefined;
  const [, major, minor, patch] = /^(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  const given: Version = [Number(major), Number(minor), Number(patch)];
  return alternatives.some((spans) =>
    spans?.every(({ from, before }) => compare(from, given) <= 0 && compare(given, before) < 0),
  );
}

/** All of them must hold; undefined: not written as a range. */
function spansOf(text: string): readonly Span[] | undefined {
  // Blanks between an operator and its version are usual.
  const parts = text.replace(/([<>=^~])\s+(?=\d)/g, '$1').split(/\s+/);
  const spans = parts.map(spanOf);
  return spans.every((span) => span !== undefined) ? spans : undefined;
}

function spanOf(text: string): Span | undefined {
  const match = comparator.exec(text);
  if (match === null) return undefined;
  const [, operator = '=', ...parts] = match as readonly (string | undefined)[];
  const given = parts.filter((part) => part !== undefined).map(Number);
  const version: Version = [given[0] ?? 0, given[1] ?? 0, given[2] ?? 0];
  switch (operator) {
    case '>=':
      return { from: version, before: beyond };
    case '>':
      return { from: behind(version, given.length - 1), before: beyond };
    case '<':
      return { from: lowest, before: version };
    case '<=':
      return { from: lowest, before: behind(version, given.length - 1) };
    case '^':
      return { from: version, before: behind(version, firstThatCounts(given)) };
    case '~':
      return { from: version, before: behind(version, Math.min(given.length - 1, 1)) };
    default:
      return { from: version, before: behind(version, given.length - 1) };
  }
}

/** The first version that differs in this part. */
function behind([major, minor, patch]: Version, part: number): Version {
  if (part === 0) return [major + 1, 0, 0];
  return part === 1 ? [major, minor + 1, 0] : [major, minor, patch + 1];
}

/** `^` lets everything change behind the first part that is not 0. */
function firstThatCounts(given: readonly number[]): number {
  const index = given.findIndex((part) => part !== 0);
  return index === -1 ? given.length - 1 : index;
}

function compare(one: Version, other: Version): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
}
