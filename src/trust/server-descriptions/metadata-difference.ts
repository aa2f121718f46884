/** One member that is not as it was. */
export interface MetadataDifference {
  readonly member: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly before?: unknown;
  readonly after?: unknown;
}

type Json = Readonly<Record<string, unknown>>;

/** What is different between two JSON objects, by member; the order of text lists and of members means nothing. */
export function metadataDifference(before: Json, after: Json): MetadataDifference[] {
  const members = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return members.flatMap((member): MetadataDifference[] => {
    const was = Object.hasOwn(before, member) ? before[member] : undefined;
    const is = Object.hasOwn(after, member) ? after[member] : undefined;
    if (was === undefined && is === undefined) return [];
    if (was === undefined) return [{ member, change: 'added', after: is }];
    if (is === undefined) return [{ member, change: 'removed', before: was }];
    return canonical(was) === canonical(is) ? [] : [{ member, change: 'changed', before: was, after: is }];
  });
}

/** A text that is the same for values that mean the same. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) {
    const items = value.map(canonical);
    return `[${(value.every((item) => typeof item === 'string') ? items.sort() : items).join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
    return `{${members.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`).join(',')}}`;
  }
  return value === undefined ? 'null' : JSON.stringify(value);
}
