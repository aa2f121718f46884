import type { JsonNode, JsonObjectNode } from '../../format/json-tree.js';

/** A value of an element in JSON: the property, and for primitives the `_property` with id and extensions. */
export interface ElementValue {
  readonly value: JsonNode | undefined;
  readonly sibling: JsonNode | undefined;
}

const nullNode: JsonNode = { kind: 'scalar', text: 'null' };

/** The values of a property, one for each repetition. Source: FHIR R4 json.html#primitive. */
export function readValues(owner: JsonObjectNode, property: string): ElementValue[] {
  const value = owner.members.get(property);
  const sibling = owner.members.get(`_${property}`);
  if (value?.kind !== 'array' && sibling?.kind !== 'array') {
    return value === undefined && sibling === undefined ? [] : [{ value, sibling }];
  }
  const values = value?.kind === 'array' ? value.items : [];
  const siblings = sibling?.kind === 'array' ? sibling.items : [];
  return Array.from({ length: Math.max(values.length, siblings.length) }, (_none, index) => ({
    value: withoutNull(values[index]),
    sibling: withoutNull(siblings[index]),
  }));
}

function withoutNull(node: JsonNode | undefined): JsonNode | undefined {
  return node?.kind === 'scalar' && node.text === 'null' ? undefined : node;
}

/** Puts the values of a property; none takes the property away. */
export function writeValues(
  owner: JsonObjectNode,
  property: string,
  repeats: boolean,
  values: readonly ElementValue[],
): void {
  if (repeats) {
    writeMember(owner, property, listOf(values.map(({ value }) => value)));
    writeMember(owner, `_${property}`, listOf(values.map(({ sibling }) => sibling)));
    return;
  }
  const [only] = values;
  writeMember(owner, property, only?.value);
  writeMember(owner, `_${property}`, only?.sibling);
}

function listOf(nodes: readonly (JsonNode | undefined)[]): JsonNode | undefined {
  if (nodes.every((node) => node === undefined)) return undefined;
  return { kind: 'array', items: nodes.map((node) => node ?? nullNode) };
}

function writeMember(owner: JsonObjectNode, name: string, node: JsonNode | undefined): void {
  if (node === undefined) owner.members.delete(name);
  else owner.members.set(name, node);
}
