import { resourceLimits } from '../format/json-limits.js';
import {
  readTree,
  stringOf,
  writeTree,
  type JsonArrayNode,
  type JsonNode,
  type JsonObjectNode,
} from '../format/json-tree.js';

/** The sets in `meta` that clients change. Source: FHIR R4 resource.html#Meta. */
type LabelSet = 'profile' | 'security' | 'tag';

const labels: readonly LabelSet[] = ['profile', 'security', 'tag'];
/** A profile says what the content conforms to, so that new content says it anew. */
const lasting: readonly LabelSet[] = ['security', 'tag'];

/** The `meta` of a resource as it is stored. */
export function metaOf(content: Buffer): JsonObjectNode {
  const { members } = asObject(readTree(content, resourceLimits));
  return asObject(members.get('meta'));
}

/**
 * A stored resource whose profiles, security labels and tags were changed; everything else keeps its text.
 *
 * @param change `add`: what isn't there yet; `delete`: what is there, whatever else the label says
 */
export function withLabels(content: Buffer, meta: JsonObjectNode, change: 'add' | 'delete'): Buffer {
  return changed(content, meta, change, labels);
}

/**
 * The new content of a resource with the security labels and tags that its stored version has: labels decide who may
 * see a resource, and an update by somebody who does not know them must not take them away.
 * Source: FHIR R4 resource.html, updating tags.
 *
 * @param content the new version, as `spliceVersion` makes it
 * @param stored the current one
 * @returns undefined: the new content has them all
 */
export function withLastingLabels(content: Buffer, stored: Buffer): Buffer | undefined {
  const known = metaRest(stored);
  if (known.length === 0 || known.equals(metaRest(content))) return undefined;
  // An escaped name may be one of them too.
  if (!['"security"', '"tag"', '\\u'].some((name) => known.includes(name))) return undefined;
  const kept = changed(content, metaOf(stored), 'add', lasting);
  return kept.equals(content) ? undefined : kept;
}

/** What `meta` holds behind the members that the server sets, up to the end of the resource's own `meta`. */
function metaRest(content: Buffer): Buffer {
  const start = content.indexOf('"lastUpdated":"') + '"lastUpdated":"2020-01-01T00:00:00.000Z"'.length;
  if (content[start] === END) return content.subarray(start, start);
  let depth = 0;
  let inString = false;
  for (let at = start; at < content.length; at++) {
    const byte = content[at];
    if (inString) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === BEGIN) depth++;
    else if (byte === END && depth-- === 0) return content.subarray(start, at);
  }
  return content.subarray(start);
}

const [QUOTE, BACKSLASH, BEGIN, END] = [0x22, 0x5c, 0x7b, 0x7d] as const;

function changed(
  content: Buffer,
  meta: JsonObjectNode,
  change: 'add' | 'delete',
  sets: readonly LabelSet[],
): Buffer {
  const tree = asObject(readTree(content, resourceLimits));
  const stored = asObject(tree.members.get('meta'));
  for (const name of sets) {
    const given = itemsOf(meta.members.get(name));
    if (given.length === 0) continue;
    const keys = new Set(given.map(keyOf));
    const kept = itemsOf(stored.members.get(name));
    if (change === 'add') add(stored, name, kept, given);
    else remove(stored, name, kept, keys);
  }
  tree.members.set('meta', stored);
  return writeTree(tree);
}

function add(
  meta: JsonObjectNode,
  name: string,
  kept: readonly JsonNode[],
  given: readonly JsonNode[],
): void {
  const known = new Set(kept.map(keyOf));
  const fresh = given.filter((item) => {
    const key = keyOf(item);
    if (known.has(key)) return false;
    known.add(key);
    return true;
  });
  if (fresh.length === 0) return;
  meta.members.set(name, list([...kept, ...fresh]));
  const siblings = itemsOf(meta.members.get(`_${name}`));
  if (siblings.length > 0) meta.members.set(`_${name}`, list([...siblings, ...fresh.map(() => nothing)]));
}

/** Extensions of profiles stand in an array of their own, at the same places. */
function remove(
  meta: JsonObjectNode,
  name: string,
  kept: readonly JsonNode[],
  keys: ReadonlySet<string>,
): void {
  const stays = (_item: JsonNode, index: number): boolean => {
    const item = kept[index];
    return item === undefined || !keys.has(keyOf(item));
  };
  replace(meta, name, kept.filter(stays));
  const siblings = itemsOf(meta.members.get(`_${name}`)).filter(stays);
  replace(meta, `_${name}`, siblings.some((item) => item !== nothing && !isNull(item)) ? siblings : []);
}

function replace(meta: JsonObjectNode, name: string, items: readonly JsonNode[]): void {
  if (items.length === 0) meta.members.delete(name);
  else meta.members.set(name, list(items));
}

/** What makes two labels the same: the URL of a profile, system and code of a coding. */
function keyOf(item: JsonNode): string {
  if (item.kind !== 'object') return item.kind === 'scalar' ? (stringOf(item) ?? item.text) : '';
  const { members } = item;
  return `${stringOf(members.get('system')) ?? ''}|${stringOf(members.get('code')) ?? ''}`;
}

const nothing: JsonNode = { kind: 'scalar', text: 'null' };

function isNull(node: JsonNode): boolean {
  return node.kind === 'scalar' && node.text === 'null';
}

function itemsOf(node: JsonNode | undefined): readonly JsonNode[] {
  return node?.kind === 'array' ? node.items : [];
}

function list(items: readonly JsonNode[]): JsonArrayNode {
  return { kind: 'array', items: [...items] };
}

function asObject(node: JsonNode | undefined): JsonObjectNode {
  return node?.kind === 'object' ? node : { kind: 'object', members: new Map<string, JsonNode>() };
}
