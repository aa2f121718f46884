import { keys } from '../keys.js';
import type { PageOrder } from './page-order.js';
import type { Predicate } from './predicate.js';
import type { RowSource } from './row-condition.js';

/** What a statement reads first; the other conditions are tested on each of its resources. */
export type Driver =
  /** The resources of the types, in the order of the page. */
  | { readonly kind: 'walk'; readonly rest: readonly Predicate[] }
  /** One range of an index table, whose rows lie in the order of the page. */
  | { readonly kind: 'stream'; readonly source: RowSource; readonly rest: readonly Predicate[] }
  /** All rows of a condition, to be sorted. */
  | { readonly kind: 'gather'; readonly sources: readonly RowSource[]; readonly rest: readonly Predicate[] };

interface Candidate {
  readonly part: Predicate;
  readonly sources: readonly RowSource[];
}

export interface RowCounts {
  /** Rows up to which gathering and sorting beats a walk. */
  readonly limit: number;
  /** Counts the rows of each candidate, up to the limit. */
  count(candidates: readonly (readonly RowSource[])[]): Promise<readonly number[]>;
}

/**
 * Picks what drives a search of all `parts`. The database's optimizer is not asked: it misjudges limits and
 * turns tests into joins (docs/adr/0008).
 */
export async function chooseDriver(
  parts: readonly Predicate[],
  order: PageOrder,
  counts: RowCounts,
): Promise<Driver> {
  const candidates = parts.flatMap((part): Candidate[] => {
    const sources = sourcesOf(part);
    return sources === undefined ? [] : [{ part, sources }];
  });
  const [only] = candidates;
  const needsNoCount =
    candidates.length === 1 &&
    only !== undefined &&
    (order.walkKey === undefined || isAlone(only, parts, order));
  const immediate = candidates.find(isSmall) ?? (needsNoCount ? only : undefined);
  if (immediate !== undefined) return drivenBy(immediate, parts, order);
  const bounded = candidates.filter(({ sources }) => sources.every((source) => source.bounded));
  const unbounded = candidates.filter((candidate) => !bounded.includes(candidate));
  const selective = (await leastOf(bounded, counts)) ?? (await leastOf(unbounded, counts));
  if (selective !== undefined) return gather(selective, parts);
  const inOrder = candidates.find(streams(order));
  if (inOrder !== undefined) return drivenBy(inOrder, parts, order);
  const [first] = bounded;
  return order.walkKey === undefined && first !== undefined
    ? gather(first, parts)
    : { kind: 'walk', rest: parts };
}

/** Sources of all rows that can make the predicate hold; undefined: it can hold without any row. */
function sourcesOf(part: Predicate): readonly RowSource[] | undefined {
  if (part.kind === 'rows') return part.rows.sources;
  if (part.kind !== 'any') return undefined;
  const each = part.parts.map(sourcesOf);
  return each.every((sources) => sources !== undefined) ? each.flat() : undefined;
}

const isSmall = ({ sources }: Candidate): boolean =>
  sources.every(({ key }) => key === keys.resourceIdentity);

/** With nothing else to test, a range in the order of the page ends as soon as the page is full. */
const isAlone = (only: Candidate, parts: readonly Predicate[], order: PageOrder): boolean =>
  parts.length === 1 && streams(order)(only);

const streams =
  (order: PageOrder) =>
  ({ sources }: Candidate): boolean =>
    order.isByRid && sources.length === 1 && sources[0]?.inOrder === true;

function drivenBy(candidate: Candidate, parts: readonly Predicate[], order: PageOrder): Driver {
  const [source] = candidate.sources;
  if (source === undefined || !streams(order)(candidate)) return gather(candidate, parts);
  return { kind: 'stream', source, rest: parts.filter((part) => part !== candidate.part) };
}

function gather({ part, sources }: Candidate, parts: readonly Predicate[]): Driver {
  return { kind: 'gather', sources, rest: parts.filter((other) => other !== part) };
}

async function leastOf(candidates: readonly Candidate[], counts: RowCounts): Promise<Candidate | undefined> {
  if (candidates.length === 0) return undefined;
  const found = await counts.count(candidates.map(({ sources }) => sources));
  const least = Math.min(...found);
  return least < counts.limit ? candidates[found.indexOf(least)] : undefined;
}
