import type { Definitions, ElementDefinition } from '../../definitions/index.js';
import { resourceLimits } from '../../format/json-limits.js';
import {
  copyTree,
  readTree,
  scalarValue,
  stringOf,
  type JsonNode,
  type JsonObjectNode,
} from '../../format/json-tree.js';
import { readValues, writeValues, type ElementValue } from './element-list.js';
import { ElementLocator, type LocatedElement } from './element-locator.js';
import { parseElementPath, type ElementPath } from './element-path.js';
import { maximumOperations, PatchBudget, type PatchDocument } from './patch-document.js';
import { invalidPatch, patchFailed, patchTooLarge } from './patch-errors.js';
import { referencesIn } from './patch-references.js';
import { elementValueOf, readPatchValue, type PatchValue } from './patch-value.js';

interface PathText {
  readonly path: ElementPath;
  /** For messages. */
  readonly text: string;
}

type FhirPathOperation = PathText &
  (
    | { readonly type: 'add'; readonly name: string; readonly value: PatchValue }
    | { readonly type: 'insert'; readonly index: number; readonly value: PatchValue }
    | { readonly type: 'delete' }
    | { readonly type: 'replace'; readonly value: PatchValue }
    | { readonly type: 'move'; readonly source: number; readonly destination: number }
  );

/**
 * Reads a FHIRPath Patch: a Parameters resource with one `operation` for each change.
 *
 * @param values that it may look at: `FIREKEEP_PATCH_VALUES`
 * @see https://hl7.org/fhir/R4/fhirpatch.html
 * @throws FirekeepError `FHIR_INVALID_PATCH`, `FHIR_PATCH_TOO_LARGE`, or what is wrong with the JSON
 */
export function readFhirPathPatch(body: Buffer, definitions: Definitions, values: number): PatchDocument {
  const tree = readTree(body, resourceLimits);
  if (tree.kind !== 'object' || stringOf(tree.members.get('resourceType')) !== 'Parameters') {
    throw invalidPatch(
      'A patch is a Parameters resource (FHIRPath Patch), or a JSON Patch in its media type.',
    );
  }
  const parameters = tree.members.get('parameter');
  const items = parameters?.kind === 'array' ? parameters.items : [];
  if (items.length === 0) throw invalidPatch('The patch has no operation.', 'Parameters.parameter');
  if (items.length > maximumOperations) {
    throw patchTooLarge(`A patch may have ${maximumOperations} operations.`);
  }
  const operations = items.map((item, index) =>
    readOperation(item, definitions, `Parameters.parameter[${index}]`),
  );
  return {
    apply: (resource) => {
      applyAll(resource, operations, definitions, new PatchBudget(values));
    },
    references: referencesIn(tree),
  };
}

function readOperation(node: JsonNode, definitions: Definitions, place: string): FhirPathOperation {
  if (node.kind !== 'object' || stringOf(node.members.get('name')) !== 'operation') {
    throw invalidPatch(`${place}.name must be "operation".`, place);
  }
  const parts = new Parts(node, place);
  const type = parts.text('type');
  const text = parts.text('path');
  const path = parseElementPath(text, place);
  const value = (): PatchValue => readPatchValue(parts.find('value'), definitions, place);
  switch (type) {
    case 'add':
      return { type, path, text, name: parts.text('name'), value: value() };
    case 'insert':
      return { type, path, text, index: parts.integer('index'), value: value() };
    case 'delete':
      return { type, path, text };
    case 'replace':
      return { type, path, text, value: value() };
    case 'move': {
      const [source, destination] = [parts.integer('source'), parts.integer('destination')];
      return { type, path, text, source, destination };
    }
    default:
      throw invalidPatch(`${place}: the type must be add, insert, delete, replace or move.`, place);
  }
}

/** Parts of one operation, by name. */
class Parts {
  private readonly byName = new Map<string, JsonObjectNode>();

  constructor(
    operation: JsonObjectNode,
    private readonly place: string,
  ) {
    const parts = operation.members.get('part');
    for (const part of parts?.kind === 'array' ? parts.items : []) {
      const name = part.kind === 'object' ? stringOf(part.members.get('name')) : undefined;
      if (part.kind !== 'object' || name === undefined || this.byName.has(name)) {
        throw invalidPatch(`${place}.part: each part needs a "name" of its own.`, `${place}.part`);
      }
      this.byName.set(name, part);
    }
  }

  find(name: string): JsonObjectNode {
    const part = this.byName.get(name);
    if (part === undefined) throw invalidPatch(`${this.place} needs a part "${name}".`, this.place);
    return part;
  }

  text(name: string): string {
    const part = this.find(name);
    for (const property of ['valueString', 'valueCode']) {
      const text = stringOf(part.members.get(property));
      if (text !== undefined) return text;
    }
    throw invalidPatch(`${this.place}: the part "${name}" needs a valueString or valueCode.`, this.place);
  }

  integer(name: string): number {
    const node = this.find(name).members.get('valueInteger');
    const value = node?.kind === 'scalar' ? scalarValue(node) : undefined;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw invalidPatch(`${this.place}: the part "${name}" needs a valueInteger of 0 or more.`, this.place);
  }
}

function applyAll(
  resource: JsonObjectNode,
  operations: readonly FhirPathOperation[],
  definitions: Definitions,
  budget: PatchBudget,
): void {
  const resourceType = stringOf(resource.members.get('resourceType')) ?? '';
  const application = new Application(
    definitions,
    new ElementLocator(definitions, resource, resourceType, budget),
    budget,
  );
  for (const operation of operations) application.run(operation);
}

/** The repetitions of one element. */
interface Collection {
  readonly owner: JsonObjectNode;
  readonly definition: ElementDefinition;
  readonly property: string;
}

class Application {
  constructor(
    private readonly definitions: Definitions,
    private readonly locator: ElementLocator,
    private readonly budget: PatchBudget,
  ) {}

  run(operation: FhirPathOperation): void {
    switch (operation.type) {
      case 'add':
        this.add(operation, operation.name, operation.value);
        break;
      case 'insert':
        this.insert(operation, operation.index, operation.value);
        break;
      case 'delete':
        this.delete(operation);
        break;
      case 'replace':
        this.replace(operation, operation.value);
        break;
      case 'move':
        this.move(operation, operation.source, operation.destination);
    }
  }

  private add(path: PathText, name: string, patch: PatchValue): void {
    const target = this.single(path);
    const definition = this.locator.definitionOf(target.type, name);
    const { property, value } = elementValueOf(patch, definition, this.definitions);
    const owner = this.locator.contentOf(target) ?? this.extended(target, path);
    const repeats = definition.max > 1;
    const before = this.values(owner, property);
    const isTaken = definition.choice ? this.holdsChoice(owner, definition) : before.length > 0;
    if (!repeats && isTaken) {
      throw patchFailed(`${definition.path} is there already and can stand once only; replace it.`);
    }
    writeValues(owner, property, repeats, [...before, this.copy(value)]);
  }

  private insert(path: PathText, index: number, patch: PatchValue): void {
    const { owner, property, definition } = this.collection(path);
    const values = this.values(owner, property);
    if (index > values.length) {
      throw patchFailed(`"${shown(path)}" has ${values.length} elements; ${index} is behind their end.`);
    }
    const { value } = elementValueOf(patch, definition, this.definitions);
    values.splice(index, 0, this.copy(value));
    writeValues(owner, property, true, values);
  }

  private delete(path: PathText): void {
    const found = this.locator.find(path.path);
    const [only] = found;
    if (only === undefined) return;
    if (found.length > 1) throw severalFound(path, found.length);
    const { place } = only;
    if (place === undefined) throw patchFailed('A patch can’t delete the resource.');
    const values = this.values(place.owner, place.property);
    values.splice(place.index, 1);
    writeValues(place.owner, place.property, place.definition.max > 1, values);
  }

  private replace(path: PathText, patch: PatchValue): void {
    const { place } = this.single(path);
    if (place === undefined) throw patchFailed('A patch can’t replace the whole resource.');
    const { owner, definition, index } = place;
    const { property, value } = elementValueOf(patch, definition, this.definitions);
    if (property !== place.property) {
      writeValues(owner, place.property, false, []);
      writeValues(owner, property, false, [this.copy(value)]);
      return;
    }
    const values = this.values(owner, property);
    values[index] = this.copy(value);
    writeValues(owner, property, definition.max > 1, values);
  }

  private move(path: PathText, source: number, destination: number): void {
    const { owner, property } = this.collection(path);
    const values = this.values(owner, property);
    if (source >= values.length || destination >= values.length) {
      throw patchFailed(
        `"${shown(path)}" has ${values.length} elements; can't move ${source} to ${destination}.`,
      );
    }
    values.splice(destination, 0, ...values.splice(source, 1));
    writeValues(owner, property, true, values);
  }

  private single(path: PathText): LocatedElement {
    const found = this.locator.find(path.path);
    const [only] = found;
    if (only === undefined) throw patchFailed(`"${shown(path)}" finds nothing in the resource.`);
    if (found.length > 1) throw severalFound(path, found.length);
    return only;
  }

  /** The list that a path names, whether anything is in it or not. */
  private collection(path: PathText): Collection {
    const last = path.path.steps.at(-1);
    if (last?.kind !== 'member') throw patchFailed(`"${shown(path)}" must end with the name of a list.`);
    const parent = this.single({ ...path, path: { ...path.path, steps: path.path.steps.slice(0, -1) } });
    const definition = this.locator.definitionOf(parent.type, last.name);
    if (definition.max <= 1) throw patchFailed(`${definition.path} is not a list.`);
    const owner = this.locator.contentOf(parent) ?? this.extended(parent, path);
    return { owner, definition, property: definition.name };
  }

  /** A primitive gets the object beside it that holds its extensions. */
  private extended({ place, value, sibling, type }: LocatedElement, path: PathText): JsonObjectNode {
    if (place === undefined || sibling !== undefined || !this.locator.isPrimitive(type)) {
      throw patchFailed(`"${shown(path)}" is not an element that others can be added to.`);
    }
    const { owner, property, definition, index } = place;
    const content: JsonObjectNode = { kind: 'object', members: new Map() };
    const values = this.values(owner, property);
    values[index] = { value, sibling: content };
    writeValues(owner, property, definition.max > 1, values);
    return content;
  }

  private holdsChoice(owner: JsonObjectNode, { name, types }: ElementDefinition): boolean {
    return types.some(({ code }) => {
      const property = name + code.charAt(0).toUpperCase() + code.slice(1);
      return owner.members.has(property) || owner.members.has(`_${property}`);
    });
  }

  private values(owner: JsonObjectNode, property: string): ElementValue[] {
    const values = readValues(owner, property);
    this.budget.look(values.length);
    return values;
  }

  private copy({ value, sibling }: ElementValue): ElementValue {
    const { copy } = this.budget;
    return { value: value && copyTree(value, copy, 0), sibling: sibling && copyTree(sibling, copy, 0) };
  }
}

function shown({ text }: PathText): string {
  return text.slice(0, 200);
}

function severalFound(path: PathText, count: number): Error {
  return patchFailed(`"${shown(path)}" finds ${count} elements; a patch changes one. Name which, as in [0].`);
}
