import type { JsonNode } from '../../format/json-tree.js';
import { stringOf } from '../../format/json-tree.js';

/** The text of every member named `reference`, at any depth. */
export function referencesIn(node: JsonNode): readonly string[] {
  const found: string[] = [];
  visit(node, found);
  return found;
}

function visit(node: JsonNode, found: string[]): void {
  if (node.kind === 'scalar') return;
  if (node.kind === 'array') {
    for (const item of node.items) visit(item, found);
    return;
  }
  for (const [name, member] of node.members) {
    const text = name === 'reference' ? stringOf(member) : undefined;
    if (text !== undefined) found.push(text);
    else visit(member, found);
  }
}
