import type { Definitions, ElementProperty } from '../../definitions/index.js';
import { asObject, type JsonObject } from '../json-object.js';

/** A value in a resource, with what is known of its place. */
export interface ProfileItem {
  /** Undefined or null for a primitive that has extensions only. */
  readonly value: unknown;
  /** Id and extensions of a primitive: its `_name`. */
  readonly sibling: JsonObject | undefined;
  /** Resource type, datatype or path of a backbone element. */
  readonly type: string;
  /** FHIRPath. */
  readonly place: string;
}

export function resourceItem(resource: JsonObject, place: string): ProfileItem {
  return { value: resource, sibling: undefined, type: String(resource.resourceType), place };
}

/**
 * Values of an element.
 *
 * @param name as profiles write it: `code`, `value[x]`, `valueQuantity`; of a choice, `value` too
 * @returns undefined where the type has no such element
 */
export function itemsOf(
  definitions: Definitions,
  owner: ProfileItem,
  name: string,
): readonly ProfileItem[] | undefined {
  const type = definitions.type(owner.type);
  if (type === undefined) return undefined;
  if (type.kind === 'primitive-type') return ofPrimitive(owner, name);
  const choice = name.replace(/\[x\]$/, '');
  const exact = type.properties.get(name);
  const properties: [string, ElementProperty][] =
    exact === undefined
      ? [...type.properties].filter(([, { element }]) => element.choice && element.name === choice)
      : [[name, exact]];
  if (properties.length === 0) return undefined;
  return properties.flatMap(([key, property]) => ofProperty(owner, key, property));
}

function ofProperty(owner: ProfileItem, key: string, { element, type }: ElementProperty): ProfileItem[] {
  const object = asObject(owner.value) ?? {};
  const value = object[key];
  const sibling = object[`_${key}`];
  if (value === undefined && sibling === undefined) return [];
  const segment = element.choice ? `${element.name}.ofType(${type.code})` : element.name;
  const place = `${owner.place}.${segment}`;
  if (element.max <= 1) return [item(value, sibling, type.code, place)];
  const values = Array.isArray(value) ? value : [];
  const siblings = Array.isArray(sibling) ? sibling : [];
  return Array.from({ length: Math.max(values.length, siblings.length) }, (_, index) =>
    item(values[index], siblings[index], type.code, `${place}[${index}]`),
  );
}

function item(value: unknown, sibling: unknown, code: string, place: string): ProfileItem {
  const resourceType = code === 'Resource' ? asObject(value)?.resourceType : undefined;
  return {
    value,
    sibling: asObject(sibling),
    type: typeof resourceType === 'string' ? resourceType : code,
    place,
  };
}

function ofPrimitive({ sibling, place }: ProfileItem, name: string): readonly ProfileItem[] | undefined {
  if (name === 'id' || name === 'value') return [];
  if (name !== 'extension') return undefined;
  const list = sibling?.extension;
  if (!Array.isArray(list)) return [];
  return list.map((value, index) => item(value, undefined, 'Extension', `${place}.extension[${index}]`));
}
