/** `[base/]Type/id[/_history/version]` taken apart; the base has no slash at its end. */
export interface ReferenceParts {
  /** Null: relative. */
  readonly base: string | null;
  readonly type: string;
  readonly id: string;
  readonly version: string | null;
}

const RELATIVE = /^([A-Z][A-Za-z]{0,63})\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;
/** `/Type/id/_history/version` is at most this long. */
const MAX_TAIL = 1 + 64 + 1 + 64 + 10 + 64;

/** Where the last `count` segments of a path start, the slash before them included; -1: it has fewer. */
function tailStart(text: string, count: number): number {
  let at = text.length;
  for (let n = 0; n < count && at > 0; n++) at = text.lastIndexOf('/', at - 1);
  return at;
}

/**
 * Takes a literal reference apart; undefined for URNs, fragments and anything else that does not end in a
 * type and an id. Whether the type exists is not looked at.
 *
 * Source: FHIR R4 references.html#literal.
 */
export function splitReference(reference: string): ReferenceParts | undefined {
  const last = tailStart(reference, 2);
  const start = reference.startsWith('/_history/', last) ? tailStart(reference, 4) : last;
  if (reference.length - start > MAX_TAIL + 1) return undefined;
  const [, type, id, version] = RELATIVE.exec(reference.slice(start < 0 ? 0 : start + 1)) ?? [];
  if (type === undefined || id === undefined) return undefined;
  const base = start < 0 ? null : reference.slice(0, start);
  return base === '' ? undefined : { base, type, id, version: version ?? null };
}
