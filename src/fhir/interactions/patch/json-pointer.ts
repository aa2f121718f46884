import type { JsonArrayNode, JsonNode, JsonObjectNode } from '../../format/json-tree.js';
import { invalidPatch, patchFailed } from './patch-errors.js';

/** Reference tokens of a JSON Pointer, unescaped; none: the whole document. */
export type JsonPointer = readonly string[];

/** As of a path of FHIRPath Patch. */
const maximumLength = 2_000;

/**
 * Reads a JSON Pointer (RFC 6901) of at most 2,000 characters.
 *
 * @throws FirekeepError `FHIR_INVALID_PATCH`
 */
export function parsePointer(text: string, place: string): JsonPointer {
  if (text === '') return [];
  if (text.length > maximumLength) {
    throw invalidPatch(`${place} has more than ${maximumLength} characters.`, place);
  }
  if (!text.startsWith('/') || /~(?![01])/.test(text)) {
    throw invalidPatch(
      `${place}: "${text.slice(0, 100)}" is not a JSON Pointer, such as "/name/0/family".`,
      place,
    );
  }
  return text
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

export function pointerText(pointer: JsonPointer): string {
  return pointer
    .map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('')
    .slice(0, 200);
}

/** The value at a place. @throws FirekeepError `FHIR_PATCH_FAILED` where there is none */
export function valueAt(root: JsonNode, pointer: JsonPointer): JsonNode {
  let node = root;
  for (const token of pointer) {
    const inside = memberOf(node, token);
    if (inside === undefined) throw nothingAt(pointer);
    node = inside;
  }
  return node;
}

function memberOf(node: JsonNode, token: string): JsonNode | undefined {
  if (node.kind === 'object') return node.members.get(token);
  return node.kind === 'array' ? node.items[arrayIndex(token) ?? -1] : undefined;
}

/** What holds the value at a place, which itself need not be there. */
export function containerAt(
  root: JsonNode,
  pointer: JsonPointer,
): { readonly container: JsonObjectNode | JsonArrayNode; readonly token: string } {
  const container = valueAt(root, pointer.slice(0, -1));
  const token = pointer.at(-1);
  if (token === undefined || container.kind === 'scalar') throw nothingAt(pointer);
  return { container, token };
}

/** RFC 6901 section 4: digits without leading zeros. */
export function arrayIndex(token: string): number | undefined {
  return /^(?:0|[1-9]\d{0,8})$/.test(token) ? Number(token) : undefined;
}

export function nothingAt(pointer: JsonPointer): Error {
  return patchFailed(`Nothing is at "${pointerText(pointer)}" in the resource.`);
}
