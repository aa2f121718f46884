import { asObject, jsonKind, type JsonObject } from './json-object.js';
import type { ObjectCheck, PropertyCheck } from './object.check.js';
import type { PrimitiveCheck } from './primitives/primitive.check.js';
import type { Run } from './run.js';

/** Checks one value of an element that is no primitive. */
export type ItemCheck = (value: unknown, run: Run) => void;

function expectObject(value: unknown, run: Run): JsonObject | undefined {
  const object = asObject(value);
  if (object === undefined) run.error('structure', `An object is expected here, not ${jsonKind(value)}.`);
  return object;
}

/** An object of a type, and the rule of its element for objects whose own elements are right. */
export function objectItem(check: ObjectCheck, rule: ObjectCheck | undefined): ItemCheck {
  return (value, run) => {
    const object = expectObject(value, run);
    if (object === undefined) return;
    const { errors } = run;
    check(object, run);
    if (rule !== undefined && run.errors === errors) rule(object, run);
  };
}

/** The value of an element that comes once at most. */
export function singleItem(check: ItemCheck): PropertyCheck {
  return (value, _owner, run) => {
    if (Array.isArray(value)) unexpectedArray(run);
    else check(value, run);
  };
}

/** The values of an element that may repeat. */
export function itemList(check: ItemCheck, max: number): PropertyCheck {
  return (value, _owner, run) => {
    if (!isList(value, max, run)) return;
    const slot = run.length++;
    for (let index = 0; index < value.length; index++) {
      run.path[slot] = index;
      check(value[index], run);
    }
    run.length = slot;
  };
}

/** The value of a primitive element that comes once at most. */
export function singlePrimitive(check: PrimitiveCheck, name: string): PropertyCheck {
  return (value, owner, run) => {
    if (value === null) {
      run.error('structure', 'null stands in arrays only; leave the element out instead.');
    } else if (Array.isArray(value)) unexpectedArray(run);
    else check(value, owner, name, run);
  };
}

/**
 * The values of a primitive element that may repeat; null where `_name` has extensions in place of a value.
 * Source: FHIR R4 json.html#primitive.
 */
export function primitiveList(check: PrimitiveCheck, name: string, max: number): PropertyCheck {
  const underscore = `_${name}`;
  return (value, owner, run) => {
    if (!isList(value, max, run)) return;
    const siblings = owner[underscore];
    const slot = run.length++;
    for (let index = 0; index < value.length; index++) {
      run.path[slot] = index;
      const item: unknown = value[index];
      if (item !== null) check(item, value, index, run);
      else if (!Array.isArray(siblings) || siblings[index] == null) nullWithoutSibling(underscore, run);
    }
    run.length = slot;
  };
}

/** `_name` beside an element that comes once at most: its id and extensions. */
export function singleSibling(check: ObjectCheck, name: string): PropertyCheck {
  return (value, owner, run) => {
    if (Array.isArray(value)) unexpectedArray(run);
    else checkSibling(check, value, owner[name] !== undefined, run);
  };
}

/** `_name` beside an element that may repeat: as many items as values, null where there is nothing to say. */
export function siblingList(check: ObjectCheck, name: string, max: number): PropertyCheck {
  return (value, owner, run) => {
    if (!isList(value, max, run)) return;
    const values: unknown = owner[name];
    if (Array.isArray(values) && values.length !== value.length) {
      run.error(
        'structure',
        `"${name}" and "_${name}" belong together item by item, but have ${values.length} and ${value.length} items.`,
      );
      return;
    }
    const slot = run.length++;
    for (let index = 0; index < value.length; index++) {
      run.path[slot] = index;
      const item: unknown = value[index];
      const hasValue = Array.isArray(values) && values[index] != null;
      if (item !== null) checkSibling(check, item, hasValue, run);
      // Where the other array has an item, it reports the pair of nulls.
      else if (!Array.isArray(values)) nullWithoutSibling(name, run);
    }
    run.length = slot;
  };
}

function checkSibling(check: ObjectCheck, value: unknown, hasValue: boolean, run: Run): void {
  const object = expectObject(value, run);
  if (object === undefined) return;
  const { errors } = run;
  check(object, run);
  if (!hasValue && object.extension === undefined && run.errors === errors) {
    run.error('invariant', 'An element must have a value or extensions (rule ele-1).');
  }
}

/** An element that a profile of the specification forbids. */
export const forbiddenProperty: PropertyCheck = (_value, _owner, run) =>
  run.error('structure', 'This element is not allowed here.');

function isList(value: unknown, max: number, run: Run): value is unknown[] {
  if (!Array.isArray(value)) {
    run.error('structure', `The element may repeat: an array is expected here, not ${jsonKind(value)}.`);
    return false;
  }
  if (value.length === 0) {
    run.error('structure', 'An empty array is not a value; leave the element out instead.');
  } else if (value.length > max) {
    run.error('structure', `There are ${value.length} items; ${max} are allowed here.`);
  }
  return true;
}

function unexpectedArray(run: Run): void {
  run.error('structure', 'The element comes once at most: an array is not allowed here.');
}

function nullWithoutSibling(other: string, run: Run): void {
  run.error('structure', `null is allowed here only where "${other}" has something at the same index.`);
}
