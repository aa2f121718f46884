import type { JsonReader, Span } from '../json-reader.js';
import type { KeptText } from './kept-text.js';

const system = 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue';
const code = 'SUBSETTED';
const tag = JSON.stringify({ system, code });

/** The whole member, for a resource without any. */
export const subsettedMeta = Buffer.from(`"meta":{"tag":[${tag}]}`);

const inTags = { first: Buffer.from(tag), next: Buffer.from(`,${tag}`) };
const inMeta = { first: Buffer.from(`"tag":[${tag}]`), next: Buffer.from(`,"tag":[${tag}]`) };

/**
 * Reads `meta`, an object, and keeps all of it, with the tag that says that the resource is not whole.
 * Source: FHIR R4 search.html#summary, resource.html#simple-tags.
 */
export function readSubsettedMeta(reader: JsonReader, kept: KeptText): void {
  const found: { tags?: Span; subsetted?: true } = {};
  const { start, end } = reader.readObject((name) => {
    if (name !== 'tag' || reader.peek() !== '[') {
      reader.copyValue();
      return;
    }
    found.tags = reader.readArray(() => {
      if (isSubsetted(reader, reader.copyValue())) found.subsetted = true;
    });
  });
  const { tags, subsetted } = found;
  if (subsetted === true) {
    kept.keep(start, end);
    return;
  }
  // Before the bracket that closes the list, or the object where there is no list.
  const at = (tags?.end ?? end) - 1;
  const text = tags === undefined ? inMeta : inTags;
  const isEmpty = at === (tags?.start ?? start) + 1;
  kept.keep(start, at);
  kept.insert(isEmpty ? text.first : text.next);
  kept.keep(at, end);
}

function isSubsetted({ out }: JsonReader, { start, end }: Span): boolean {
  const text = out.toString('utf8', start, end);
  if (!text.includes(code)) return false;
  const value = JSON.parse(text) as { readonly system?: unknown; readonly code?: unknown } | null;
  return value?.system === system && value.code === code;
}
