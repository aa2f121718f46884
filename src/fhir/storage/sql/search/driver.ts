import { keys } from '../keys.js';
import type { PageOrder } from './page-order.js';
import type { Predicate } from './predicate.js';
import type { RowSource, TableSource } from './row-condition.js';
import type { SearchNames } from './search-names.js';

/** What a statement reads first; the other conditions are tested on each of its resources. */
export type Driver =
  /** The resources of the types, in the order of the page. */
  | { readonly kind: 'walk'; readonly rest: readonly Predicate[]; readonly byType?: readonly SearchOfType[] }
  /** One range of an index table, whose rows lie in the order of the page. */
  | { readonly kind: 'stream'; readonly source: TableSource; readonly rest: readonly Predicate[] }
  /** All rows of a condition, to be sorted: once the other conditions are tested, or, if `sortedFirst`, before. */
  | {
      readonly kind: 'gather';
      readonly sources: readonly RowSource[];
      readonly rest: readonly Predicate[];
      readonly sortedFirst?: true;
      /** No condition is rare: these are the rows of one, however many. */
      readonly unselective?: true;
    };

/** A search of several types, as far as one of them goes. */
export interface SearchOfType {
  readonly names: SearchNames;
  readonly parts: readonly Predicate[];
}

interface Candidate {
  readonly part: Predicate;
  readonly sources: readonly RowSource[];
  readonly sortedFirst?: true;
}

export interface RowCounts {
  /** Rows up to which gathering and sorting beats a walk. */
  readonly limit: number;
  /** Rows from which on they are sorted before the other conditions are tested on them. */
  readonly sortFrom: number;
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
  const candidates = candidatesOf(parts);
  const [only] = candidates;
  const needsNoCount =
    candidates.length === 1 &&
    only !== undefined &&
    ((order.walkKey === undefined && order.byValue === undefined) || isAlone(only, parts, order));
  const immediate = candidates.find(isSmall) ?? (needsNoCount ? only : undefined);
  if (immediate !== undefined) return drivenBy(immediate, parts, order);
  const selective = await selectiveOf(candidates, counts);
  if (selective !== undefined) return gather(selective, parts);
  const inOrder = candidates.find(streams(order));
  if (inOrder !== undefined) return drivenBy(inOrder, parts, order);
  const first = candidates.find(isBounded);
  return order.walkKey === undefined && first !== undefined
    ? { ...gather(first, parts), unselective: true }
    : { kind: 'walk', rest: parts };
}

/** All rows of the first part, whatever else there is; undefined: it can hold without any row. */
export function gatherFirst([first, ...rest]: readonly Predicate[]): Driver | undefined {
  const sources = first === undefined ? undefined : sourcesOf(first);
  if (first === undefined || sources === undefined) return undefined;
  return { kind: 'gather', sources, rest: isAnsweredBySources(first) ? rest : [first, ...rest] };
}

/** What drives where few resources fulfil one of the parts; undefined: none of them is that rare. */
export async function chooseSelective(
  parts: readonly Predicate[],
  counts: RowCounts,
): Promise<Driver | undefined> {
  const candidates = candidatesOf(parts);
  const found = candidates.find(isSmall) ?? (await selectiveOf(candidates, counts));
  return found && gather(found, parts);
}

async function selectiveOf(
  candidates: readonly Candidate[],
  counts: RowCounts,
): Promise<Candidate | undefined> {
  const bounded = candidates.filter(isBounded);
  const unbounded = candidates.filter((candidate) => !isBounded(candidate));
  return (await leastOf(bounded, counts)) ?? (await leastOf(unbounded, counts));
}

const isBounded = ({ sources }: Candidate): boolean => sources.every((source) => source.bounded);

function candidatesOf(parts: readonly Predicate[]): readonly Candidate[] {
  return parts.flatMap((part): Candidate[] => {
    const sources = sourcesOf(part);
    return sources === undefined ? [] : [{ part, sources }];
  });
}

/** Sources of all rows that can make the predicate hold; undefined: it can hold without any row. */
function sourcesOf(part: Predicate): readonly RowSource[] | undefined {
  switch (part.kind) {
    case 'rows':
      return part.rows.sources;
    case 'linked':
      return part.sources;
    case 'all': {
      const each = candidatesOf(part.parts);
      return (each.find(isSmall) ?? each.find(isBounded) ?? each[0])?.sources;
    }
    case 'any': {
      const each = part.parts.map(sourcesOf);
      return each.every((sources) => sources !== undefined) ? each.flat() : undefined;
    }
    default:
      return undefined;
  }
}

const isSmall = ({ sources }: Candidate): boolean =>
  sources.every((source) => 'table' in source && source.key === keys.resourceIdentity);

/** With nothing else to test, a range in the order of the page ends as soon as the page is full. */
const isAlone = (only: Candidate, parts: readonly Predicate[], order: PageOrder): boolean =>
  parts.length === 1 && streams(order)(only);

const streams =
  (order: PageOrder) =>
  ({ sources }: Candidate): boolean =>
    order.isByRid && sources.length === 1 && sources[0]?.inOrder === true;

function drivenBy(candidate: Candidate, parts: readonly Predicate[], order: PageOrder): Driver {
  const [source] = candidate.sources;
  if (source === undefined || !('table' in source) || !streams(order)(candidate)) {
    return gather(candidate, parts);
  }
  return { kind: 'stream', source, rest: restOf(candidate, parts) };
}

function gather(candidate: Candidate, parts: readonly Predicate[]): Driver & { readonly kind: 'gather' } {
  const { sources, sortedFirst } = candidate;
  const rest = restOf(candidate, parts);
  return { kind: 'gather', sources, rest, ...(sortedFirst && rest.length > 0 ? { sortedFirst } : {}) };
}

/** What is left to test on the rows of the candidate. */
function restOf({ part }: Candidate, parts: readonly Predicate[]): readonly Predicate[] {
  return isAnsweredBySources(part) ? parts.filter((other) => other !== part) : parts;
}

/** Whether every row of its sources fulfils the predicate: not so where these are of one of several conditions. */
function isAnsweredBySources(part: Predicate): boolean {
  if (part.kind === 'any') return part.parts.every(isAnsweredBySources);
  return part.kind !== 'all';
}

async function leastOf(candidates: readonly Candidate[], counts: RowCounts): Promise<Candidate | undefined> {
  if (candidates.length === 0) return undefined;
  const found = await counts.count(candidates.map(({ sources }) => sources));
  const rows = Math.min(...found);
  const least = candidates[found.indexOf(rows)];
  if (rows >= counts.limit || least === undefined) return undefined;
  return rows < counts.sortFrom ? least : { ...least, sortedFirst: true };
}
