import { writeTree, type JsonNode } from '../format/json-tree.js';

/** Parameters with one value, as operations answer where the only parameter out is no resource. */
export function returnedValue(type: string, node: JsonNode): Buffer {
  return Buffer.concat([
    Buffer.from(`{"resourceType":"Parameters","parameter":[{"name":"return","value${type}":`),
    writeTree(node),
    Buffer.from('}]}'),
  ]);
}
