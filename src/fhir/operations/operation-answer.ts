import { writeTree, type JsonNode } from '../format/json-tree.js';

/** Parameters with one value, as operations answer where the only parameter out is no resource. */
export function returnedValue(type: string, node: JsonNode): Buffer {
  // An empty object is no value: XML has no form for it. Source: FHIR R4 element.html, ele-1.
  if (node.kind === 'object' && node.members.size === 0) return Buffer.from('{"resourceType":"Parameters"}');
  return Buffer.concat([
    Buffer.from(`{"resourceType":"Parameters","parameter":[{"name":"return","value${type}":`),
    writeTree(node),
    Buffer.from('}]}'),
  ]);
}
