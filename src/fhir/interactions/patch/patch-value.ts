import type { Definitions } from '../../definitions/index.js';
import type { ElementDefinition } from '../../definitions/index.js';
import { stringOf, type JsonNode, type JsonObjectNode } from '../../format/json-tree.js';
import { readValues, writeValues, type ElementValue } from './element-list.js';
import { propertyOf } from './element-locator.js';
import { invalidPatch, patchFailed } from './patch-errors.js';

/** The value that an operation brings, as its parameter had it: a value with its type, parts, or a resource. */
export type PatchValue =
  | { readonly kind: 'typed'; readonly type: string; readonly value: ElementValue }
  /** An element whose type can't be a value[x] (`Patient.contact`, extensions): its elements, one a part. */
  | {
      readonly kind: 'parts';
      readonly parts: readonly { readonly name: string; readonly value: PatchValue }[];
    }
  | { readonly kind: 'resource'; readonly value: JsonNode };

/**
 * Reads the value of a part.
 *
 * @throws FirekeepError `FHIR_INVALID_PATCH` where it has none
 */
export function readPatchValue(part: JsonObjectNode, definitions: Definitions, place: string): PatchValue {
  const resource = part.members.get('resource');
  if (resource !== undefined) return { kind: 'resource', value: resource };
  const properties = definitions.type('Parameters.parameter')?.properties;
  for (const member of part.members.keys()) {
    const property = member.startsWith('_') ? member.slice(1) : member;
    const found = property.startsWith('value') ? properties?.get(property) : undefined;
    const [value] = found === undefined ? [] : readValues(part, property);
    if (found !== undefined && value !== undefined) return { kind: 'typed', type: found.type.code, value };
  }
  const parts = part.members.get('part');
  if (parts?.kind !== 'array') throw invalidPatch(`${place} needs a value[x], parts or a resource.`, place);
  return {
    kind: 'parts',
    parts: parts.items.map((item, index) => {
      const at = `${place}.part[${index}]`;
      const name = item.kind === 'object' ? stringOf(item.members.get('name')) : undefined;
      if (item.kind !== 'object' || name === undefined) throw invalidPatch(`${at} needs a "name".`, at);
      return { name, value: readPatchValue(item, definitions, at) };
    }),
  };
}

/**
 * A value as an element takes it.
 *
 * @returns the JSON property and the value in it
 * @throws FirekeepError `FHIR_PATCH_FAILED` for a value of another type
 */
export function elementValueOf(
  patch: PatchValue,
  element: ElementDefinition,
  definitions: Definitions,
): { readonly property: string; readonly value: ElementValue } {
  const [first] = element.types;
  if (patch.kind === 'resource') {
    if (first?.code !== 'Resource') throw wrongType('a resource', element);
    return { property: element.name, value: { value: patch.value, sibling: undefined } };
  }
  if (patch.kind === 'parts') {
    if (first === undefined || element.choice || !isComplex(first.code, definitions)) {
      throw wrongType('a value in parts', element);
    }
    const value = objectOf(patch.parts, first.code, definitions);
    return { property: element.name, value: { value, sibling: undefined } };
  }
  const type = element.types.find(({ code }) => accepts(code, patch.type, element.choice, definitions));
  if (type === undefined) throw wrongType(`a ${patch.type}`, element);
  return { property: propertyOf(element, type.code), value: patch.value };
}

/** Parts also make what can't be a `value[x]`: extensions. */
function isComplex(type: string, definitions: Definitions): boolean {
  const kind = definitions.type(type)?.kind;
  return kind === 'backbone' || kind === 'complex-type';
}

/** Outside of a choice, where the type of a primitive isn't written down, its kind is what counts. */
function accepts(expected: string, given: string, choice: boolean, definitions: Definitions): boolean {
  if (expected === given) return true;
  if (choice || definitions.type(expected)?.kind !== 'primitive-type') return false;
  return definitions.type(given)?.kind === 'primitive-type' && jsonKind(expected) === jsonKind(given);
}

function jsonKind(primitive: string): 'boolean' | 'number' | 'string' {
  if (primitive === 'boolean') return 'boolean';
  return ['decimal', 'integer', 'positiveInt', 'unsignedInt'].includes(primitive) ? 'number' : 'string';
}

function objectOf(
  parts: (PatchValue & { readonly kind: 'parts' })['parts'],
  type: string,
  definitions: Definitions,
): JsonObjectNode {
  const object: JsonObjectNode = { kind: 'object', members: new Map() };
  for (const { name, value } of parts) {
    const definition = definitions.type(type);
    const element = definition?.elements.get(name) ?? definition?.properties.get(name)?.element;
    if (element === undefined) throw patchFailed(`${type} has no element "${name.slice(0, 64)}".`);
    const found = elementValueOf(value, element, definitions);
    const repeats = element.max > 1;
    const before = readValues(object, found.property);
    if (before.length > 0 && !repeats) throw patchFailed(`${type}.${name} can stand once only.`);
    writeValues(object, found.property, repeats, [...before, found.value]);
  }
  return object;
}

function wrongType(what: string, { path, types }: ElementDefinition): Error {
  const expected = types
    .map(({ code }) => code)
    .slice(0, 10)
    .join(', ');
  return patchFailed(`${path} can't hold ${what}; it takes ${expected}.`);
}
