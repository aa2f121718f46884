/** Codes by system; null: every code of the system, whichever these are. */
export type CodeSet = ReadonlyMap<string, ReadonlySet<string> | null>;

export function sizeOf(set: CodeSet): number {
  return [...set.values()].reduce((sum, codes) => sum + (codes?.size ?? 0), 0);
}

export function union(sets: readonly CodeSet[]): CodeSet {
  const all = new Map<string, Set<string> | null>();
  for (const [system, codes] of sets.flatMap((set) => [...set])) {
    const known = all.get(system);
    if (codes === null || known === null) all.set(system, null);
    else if (known === undefined) all.set(system, new Set(codes));
    else for (const code of codes) known.add(code);
  }
  return all;
}

export function intersection(a: CodeSet, b: CodeSet): CodeSet {
  const both = new Map<string, ReadonlySet<string> | null>();
  for (const [system, codes] of a) {
    const others = b.get(system);
    if (others === undefined) continue;
    if (codes === null || others === null) both.set(system, codes ?? others);
    else both.set(system, new Set([...codes].filter((code) => others.has(code))));
  }
  return both;
}

/** Undefined: codes are taken from a system whose codes are not known. */
export function difference(from: CodeSet, taken: CodeSet): CodeSet | undefined {
  const rest = new Map<string, ReadonlySet<string> | null>();
  for (const [system, codes] of from) {
    const others = taken.get(system);
    if (others === null) continue;
    if (others === undefined || others.size === 0) rest.set(system, codes);
    else if (codes === null) return undefined;
    else rest.set(system, new Set([...codes].filter((code) => !others.has(code))));
  }
  return rest;
}
