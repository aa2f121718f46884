import { wrongShape } from './json-errors.js';
import type { JsonLimits } from './json-limits.js';
import { JsonReader } from './json-reader.js';

/** JSON as a tree that can be changed in places while everything else keeps its text: `1.00` stays `1.00`. */
export type JsonNode = JsonObjectNode | JsonArrayNode | JsonScalarNode;

export interface JsonObjectNode {
  readonly kind: 'object';
  /** In the order of the text. */
  readonly members: Map<string, JsonNode>;
}

export interface JsonArrayNode {
  readonly kind: 'array';
  readonly items: JsonNode[];
}

export interface JsonScalarNode {
  readonly kind: 'scalar';
  /** As JSON: a string with its quotes and escapes, a number as it was written. */
  readonly text: string;
}

/**
 * Reads a JSON text into a tree.
 *
 * @throws FirekeepError `FHIR_MALFORMED_JSON`, `FHIR_DUPLICATE_KEY`, `FHIR_JSON_LIMIT`
 */
export function readTree(body: Buffer, limits: JsonLimits): JsonNode {
  const reader = new JsonReader(body, limits);
  if (reader.peek() === '') throw wrongShape('The body is empty.');
  const tree = readNode(reader);
  reader.finish();
  return tree;
}

function readNode(reader: JsonReader): JsonNode {
  switch (reader.peek()) {
    case '{': {
      const members = new Map<string, JsonNode>();
      reader.readObject((name) => {
        members.set(name, readNode(reader));
      });
      return { kind: 'object', members };
    }
    case '[': {
      const items: JsonNode[] = [];
      reader.readArray(() => {
        items.push(readNode(reader));
      });
      return { kind: 'array', items };
    }
    default: {
      const { start, end } = reader.copyValue();
      return { kind: 'scalar', text: reader.out.toString('utf8', start, end) };
    }
  }
}

/** The compact text of a tree. */
export function writeTree(tree: JsonNode): Buffer {
  const parts: string[] = [];
  writeNode(tree, parts);
  return Buffer.from(parts.join(''));
}

function writeNode(node: JsonNode, parts: string[]): void {
  if (node.kind === 'scalar') {
    parts.push(node.text);
    return;
  }
  let separator = '';
  if (node.kind === 'array') {
    parts.push('[');
    for (const item of node.items) {
      parts.push(separator);
      writeNode(item, parts);
      separator = ',';
    }
    parts.push(']');
    return;
  }
  parts.push('{');
  for (const [name, member] of node.members) {
    parts.push(separator, JSON.stringify(name), ':');
    writeNode(member, parts);
    separator = ',';
  }
  parts.push('}');
}

/**
 * A copy that shares nothing that can be changed.
 *
 * @param count is told of every node: the length of its text and how deep it will stand
 * @param depth levels above the copy
 */
export function copyTree(
  node: JsonNode,
  count: (length: number, depth: number) => void,
  depth: number,
): JsonNode {
  if (node.kind === 'scalar') {
    count(node.text.length, depth);
    return node;
  }
  count(2, depth);
  if (node.kind === 'array') {
    return { kind: 'array', items: node.items.map((item) => copyTree(item, count, depth + 1)) };
  }
  const members = new Map<string, JsonNode>();
  for (const [name, member] of node.members) {
    count(name.length, depth);
    members.set(name, copyTree(member, count, depth + 1));
  }
  return { kind: 'object', members };
}

/** The value of a scalar. */
export function scalarValue({ text }: JsonScalarNode): string | number | boolean | null {
  return JSON.parse(text) as string | number | boolean | null;
}

/** The text of a string; undefined: it is something else. */
export function stringOf(node: JsonNode | undefined): string | undefined {
  return node?.kind === 'scalar' && node.text.startsWith('"') ? (JSON.parse(node.text) as string) : undefined;
}

export function stringNode(text: string): JsonScalarNode {
  return { kind: 'scalar', text: JSON.stringify(text) };
}

/** Equal as JSON values: numbers by what they are worth, objects whatever the order of their members. */
export function equalTrees(one: JsonNode, other: JsonNode): boolean {
  if (one.kind === 'scalar' || other.kind === 'scalar') {
    return one.kind === 'scalar' && other.kind === 'scalar' && equalScalars(one, other);
  }
  if (one.kind === 'array' || other.kind === 'array') {
    if (one.kind !== 'array' || other.kind !== 'array' || one.items.length !== other.items.length)
      return false;
    return one.items.every((item, index) => {
      const counterpart = other.items[index];
      return counterpart !== undefined && equalTrees(item, counterpart);
    });
  }
  if (one.members.size !== other.members.size) return false;
  return [...one.members].every(([name, member]) => {
    const counterpart = other.members.get(name);
    return counterpart !== undefined && equalTrees(member, counterpart);
  });
}

function equalScalars(one: JsonScalarNode, other: JsonScalarNode): boolean {
  if (one.text === other.text) return true;
  const [value, counterpart] = [scalarValue(one), scalarValue(other)];
  if (typeof value === 'number' && typeof counterpart === 'number') {
    return normalNumber(one.text) === normalNumber(other.text);
  }
  return value === counterpart;
}

/** The same text for numbers of the same worth, whatever their digits: `-1.50e2` and `-150` give `-15e1`. */
function normalNumber(lexeme: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(lexeme) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = withoutTrailingZeros(digits);
  if (significant === '') return '0';
  const scale = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${sign}${significant}e${scale}`;
}

function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end--;
  return digits.slice(0, end);
}
