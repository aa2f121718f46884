import {
  copyTree,
  equalTrees,
  readTree,
  stringOf,
  type JsonNode,
  type JsonObjectNode,
} from '../../format/json-tree.js';
import { resourceLimits } from '../../format/json-limits.js';
import {
  arrayIndex,
  containerAt,
  nothingAt,
  parsePointer,
  pointerText,
  valueAt,
  type JsonPointer,
} from './json-pointer.js';
import { maximumOperations, PatchBudget, type PatchDocument } from './patch-document.js';
import { invalidPatch, patchFailed, patchTestFailed, patchTooLarge } from './patch-errors.js';
import { referencesIn } from './patch-references.js';

type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: JsonPointer; readonly value: JsonNode }
  | { readonly op: 'remove'; readonly path: JsonPointer }
  | { readonly op: 'move' | 'copy'; readonly path: JsonPointer; readonly from: JsonPointer };

/**
 * Reads a JSON Patch.
 *
 * @param values that it may look at: `FIREKEEP_PATCH_VALUES`
 * @see https://www.rfc-editor.org/rfc/rfc6902
 * @throws FirekeepError `FHIR_INVALID_PATCH`, `FHIR_PATCH_TOO_LARGE`, or what is wrong with the JSON
 */
export function readJsonPatch(body: Buffer, values: number): PatchDocument {
  const tree = readTree(body, resourceLimits);
  if (tree.kind !== 'array') throw invalidPatch('A JSON Patch is an array of operations.');
  if (tree.items.length > maximumOperations) {
    throw patchTooLarge(`A patch may have ${maximumOperations} operations.`);
  }
  const operations = tree.items.map(readOperation);
  return {
    apply: (resource) => {
      applyAll(resource, operations, new PatchBudget(values));
    },
    references: operations.flatMap((operation) =>
      'value' in operation ? referencesIn(operation.value) : [],
    ),
  };
}

function readOperation(node: JsonNode, index: number): JsonPatchOperation {
  const place = `[${index}]`;
  if (node.kind !== 'object') throw invalidPatch(`${place} is not an operation.`, place);
  const op = stringOf(node.members.get('op'));
  switch (op) {
    case 'add':
    case 'replace':
    case 'test': {
      const value = node.members.get('value');
      if (value === undefined) throw invalidPatch(`${place}: "${op}" needs a "value".`, place);
      return { op, path: pointerOf(node, 'path', place), value };
    }
    case 'remove':
      return { op, path: pointerOf(node, 'path', place) };
    case 'move':
    case 'copy':
      return { op, path: pointerOf(node, 'path', place), from: pointerOf(node, 'from', place) };
    default:
      throw invalidPatch(`${place}.op must be add, remove, replace, move, copy or test.`, place);
  }
}

function pointerOf(node: JsonObjectNode, member: 'path' | 'from', place: string): JsonPointer {
  const text = stringOf(node.members.get(member));
  if (text === undefined) throw invalidPatch(`${place}.${member} must be a string.`, place);
  return parsePointer(text, `${place}.${member}`);
}

function applyAll(
  resource: JsonObjectNode,
  operations: readonly JsonPatchOperation[],
  budget: PatchBudget,
): void {
  for (const operation of operations) {
    switch (operation.op) {
      case 'add':
        add(resource, operation.path, copyTree(operation.value, budget.copy, operation.path.length));
        break;
      case 'replace':
        replace(resource, operation.path, copyTree(operation.value, budget.copy, operation.path.length));
        break;
      case 'remove':
        remove(resource, operation.path);
        break;
      case 'move':
        move(resource, operation.from, operation.path, budget);
        break;
      case 'copy':
        copy(resource, operation.from, operation.path, budget);
        break;
      case 'test':
        test(resource, operation.path, operation.value);
    }
  }
}

/** RFC 6902 section 4.1. */
function add(root: JsonObjectNode, path: JsonPointer, value: JsonNode): void {
  if (path.length === 0) {
    replaceWhole(root, value);
    return;
  }
  const { container, token } = containerAt(root, path);
  if (container.kind === 'object') {
    container.members.set(token, value);
    return;
  }
  const { items } = container;
  const index = token === '-' ? items.length : arrayIndex(token);
  if (index === undefined || index > items.length) {
    throw patchFailed(`"${pointerText(path)}" is not a place in an array of ${items.length}.`);
  }
  items.splice(index, 0, value);
}

function replaceWhole(root: JsonObjectNode, value: JsonNode): void {
  if (value.kind !== 'object') throw patchFailed('The patch would leave something that is not a resource.');
  const members = [...value.members];
  root.members.clear();
  for (const [name, member] of members) root.members.set(name, member);
}

/** RFC 6902 section 4.2. */
function remove(root: JsonObjectNode, path: JsonPointer): JsonNode {
  const { container, token } = containerAt(root, path);
  if (container.kind === 'object') {
    const removed = container.members.get(token);
    if (removed === undefined) throw nothingAt(path);
    container.members.delete(token);
    return removed;
  }
  const [removed] = container.items.splice(existingIndex(container.items, token, path), 1);
  if (removed === undefined) throw nothingAt(path);
  return removed;
}

/** RFC 6902 section 4.3. */
function replace(root: JsonObjectNode, path: JsonPointer, value: JsonNode): void {
  if (path.length === 0) {
    replaceWhole(root, value);
    return;
  }
  const { container, token } = containerAt(root, path);
  if (container.kind === 'array') {
    container.items[existingIndex(container.items, token, path)] = value;
  } else if (container.members.has(token)) container.members.set(token, value);
  else throw nothingAt(path);
}

function existingIndex(items: readonly JsonNode[], token: string, path: JsonPointer): number {
  const index = arrayIndex(token);
  if (index === undefined || index >= items.length) throw nothingAt(path);
  return index;
}

/** RFC 6902 section 4.4: "The from location MUST NOT be a proper prefix of the path location". */
function move(root: JsonObjectNode, from: JsonPointer, path: JsonPointer, budget: PatchBudget): void {
  const isInside = from.length <= path.length && from.every((token, index) => token === path[index]);
  if (isInside && from.length < path.length) {
    throw patchFailed(`"${pointerText(from)}" can't be moved into itself.`);
  }
  const value = valueAt(root, from);
  if (isInside) return;
  remove(root, from);
  add(root, path, copyTree(value, budget.copy, path.length));
}

/** RFC 6902 section 4.5. */
function copy(root: JsonObjectNode, from: JsonPointer, path: JsonPointer, budget: PatchBudget): void {
  add(root, path, copyTree(valueAt(root, from), budget.copy, path.length));
}

/** RFC 6902 section 4.6. */
function test(root: JsonObjectNode, path: JsonPointer, expected: JsonNode): void {
  if (equalTrees(valueAt(root, path), expected)) return;
  throw patchTestFailed(`The test of "${pointerText(path)}" fails: the resource has another value there.`);
}
