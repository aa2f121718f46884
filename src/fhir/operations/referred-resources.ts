import type { Definitions } from '../definitions/index.js';
import { parseReference } from '../search/extraction/index.js';

/** A resource of the repository that a text refers to. */
export interface ReferredResource {
  readonly type: string;
  readonly id: string;
}

// No quotation mark stands in a JSON string without a backslash, so that what looks like a member is one.
const references = /"reference":("(?:[^"\\]|\\.)*")/g;
const attachments = /"url":("[^"\\]{0,1000}?Binary\/[^"\\]*")/g;

/**
 * The resources that a stored resource refers to by `Reference.reference`, wherever it stands, and the Binaries that its
 * attachments name; each once. Versions don't count.
 *
 * @param content compact JSON
 */
export function referredIn(
  content: Buffer,
  definitions: Pick<Definitions, 'isResourceType'>,
  bases: readonly string[],
): readonly ReferredResource[] {
  const text = content.toString('utf8');
  const found = new Map<string, ReferredResource>();
  const add = (literal: string, isWanted: (type: string) => boolean): void => {
    const reference = parseReference(JSON.parse(literal) as string, definitions, { bases });
    const { targetType: type, targetId: id } = reference ?? { targetType: null, targetId: null };
    if (type !== null && id !== null && isWanted(type)) found.set(`${type}/${id}`, { type, id });
  };
  for (const [, literal = '""'] of text.matchAll(references)) add(literal, () => true);
  for (const [, literal = '""'] of text.matchAll(attachments)) add(literal, (type) => type === 'Binary');
  return [...found.values()];
}
