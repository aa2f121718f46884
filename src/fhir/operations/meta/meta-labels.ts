import { resourceLimits } from '../../format/json-limits.js';
import {
  readTree,
  stringOf,
  writeTree,
  type JsonArrayNode,
  type JsonNode,
  type JsonObjectNode,
} from '../../format/json-tree.js';

/** The sets in `meta` that clients change. Source: FHIR R4 resource.html#Meta. */
const labels = ['profile', 'security', 'tag'] as const;

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
  const tree = asObject(readTree(content, resourceLimits));
  const stored = asObject(tree.members.get('meta'));
  for (const name of labels) {
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
