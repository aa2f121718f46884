/** One code of a resource, and the end of one of its dates. */
export interface CodedRow {
  readonly rid: number;
  /** Names the code within its system: equal for equal codes. Undefined: it has none. */
  readonly code: string | undefined;
  /** Milliseconds since the epoch; null: it has no date. */
  readonly at: number | null;
}

export interface DatedResource {
  readonly rid: number;
  readonly at: number | null;
}

/** Resources that share codes. */
export interface CodeGroup {
  /** The first of its codes. */
  readonly key: string;
  readonly members: readonly DatedResource[];
}

/**
 * Resources in groups: those with a code in common are of one, and so are those that a third one links by its codes.
 *
 * @param textOf what stands for the code of a resource that has none
 * @returns in the order of their keys
 */
export function groupsOf(
  rows: readonly CodedRow[],
  textOf: (rid: number) => string | undefined,
): readonly CodeGroup[] {
  const codes = new CodeSets();
  const dates = new Map<number, number | null>();
  const first = new Map<number, number>();
  for (const { rid, code, at } of rows) {
    const latest = dates.get(rid);
    if (latest === undefined || (at !== null && (latest === null || latest < at))) dates.set(rid, at);
    if (code === undefined) continue;
    const set = codes.add(code);
    const known = first.get(rid);
    if (known === undefined) first.set(rid, set);
    else codes.join(known, set);
  }
  const groups = new Map<number, { key: string; members: DatedResource[] }>();
  for (const [rid, at] of dates) {
    const set = codes.find(first.get(rid) ?? codes.add(textOf(rid) ?? ''));
    const group = groups.get(set);
    if (group === undefined) groups.set(set, { key: codes.firstOf(set), members: [{ rid, at }] });
    else group.members.push({ rid, at });
  }
  return [...groups.values()].sort((one, other) => (one.key < other.key ? -1 : 1));
}

/** Rids of resources without a code. */
export function uncoded(rows: readonly CodedRow[]): readonly number[] {
  if (rows.every(({ code }) => code !== undefined)) return [];
  const coded = new Set(rows.flatMap(({ rid, code }) => (code === undefined ? [] : [rid])));
  return [...new Set(rows.map(({ rid }) => rid).filter((rid) => !coded.has(rid)))];
}

/** Sets of codes that resources link. */
class CodeSets {
  private readonly numbers = new Map<string, number>();
  private readonly parents: number[] = [];
  private readonly firsts: string[] = [];

  add(code: string): number {
    const known = this.numbers.get(code);
    if (known !== undefined) return known;
    const set = this.parents.length;
    this.numbers.set(code, set);
    this.parents.push(set);
    this.firsts.push(code);
    return set;
  }

  find(set: number): number {
    let root = set;
    while (this.parents[root] !== root) {
      const above: number = this.parents[root] ?? root;
      // Halves the path for the next time.
      this.parents[root] = this.parents[above] ?? above;
      root = above;
    }
    return root;
  }

  join(one: number, other: number): void {
    const [left, right] = [this.find(one), this.find(other)];
    if (left === right) return;
    const first = this.firstOf(right);
    if (first < this.firstOf(left)) this.firsts[left] = first;
    this.parents[right] = left;
  }

  firstOf(set: number): string {
    return this.firsts[this.find(set)] ?? '';
  }
}

/** The later first; what has no date last. Those that it finds equal are not told apart by their dates. */
export function byDate(one: DatedResource, other: DatedResource): number {
  if (one.at === other.at) return 0;
  if (one.at === null) return 1;
  return other.at === null ? -1 : other.at - one.at;
}

/** The latest of a group, with all that equal the last of them. */
export function latestOf({ members }: CodeGroup, most: number): readonly DatedResource[] {
  const sorted = members.toSorted(byDate);
  const last = sorted[most - 1];
  if (last === undefined) return sorted;
  let end = most;
  for (let next = sorted[end]; next !== undefined && byDate(next, last) === 0; next = sorted[end]) end += 1;
  return sorted.slice(0, end);
}
