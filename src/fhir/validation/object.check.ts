import type { ElementDefinition, ElementType, TypeDefinition } from '../definitions/index.js';
import type { InvariantCheck } from './invariants/invariant.check.js';
import { quoted, type JsonObject } from './json-object.js';
import { nearestName } from './nearest-name.js';
import { maximumDepth, type Run } from './run.js';

/** Checks an object; the run's place is the object's. */
export type ObjectCheck = (value: JsonObject, run: Run) => void;

/** Checks what a property of `owner` holds; the run's place is the element's. */
export type PropertyCheck = (value: unknown, owner: JsonObject, run: Run) => void;

/** A JSON property that a type knows: the element itself, or `_name`, its id and extensions. */
export interface Property {
  readonly element: ElementDefinition;
  readonly type: ElementType;
  /** Name without the underscore: `valueString` for both `valueString` and `_valueString`. */
  readonly name: string;
  readonly underscore: boolean;
  /** In FHIRPath: `value.ofType(Quantity)`. */
  readonly segment: string;
  /** Shared by the properties of one required or choice element; 0 for others. */
  readonly bit: number;
  /** Made when a resource first has the property. */
  check: PropertyCheck | undefined;
}

export interface ObjectShape {
  readonly type: TypeDefinition;
  readonly properties: ReadonlyMap<string, Property>;
  readonly required: readonly { readonly bit: number; readonly element: ElementDefinition }[];
  /** `id` alone is content enough: in `_name` beside a value. */
  readonly mayBeIdOnly: boolean;
  /** A rule of the type itself, for objects whose elements are right. */
  readonly rule: ObjectCheck | undefined;
  readonly invariants: InvariantCheck | undefined;
  readonly prepare: (property: Property) => PropertyCheck;
}

/**
 * Elements, cardinality and choices of an object, then its own rules.
 * Source: FHIR R4 json.html, conformance-rules.html#cardinality, formats.html#choice.
 */
export function objectCheck(shape: ObjectShape): ObjectCheck {
  const { properties, prepare, rule, invariants, mayBeIdOnly } = shape;
  const isResource = shape.type.kind === 'resource';
  const requiredBits = shape.required.reduce((bits, { bit }) => bits | bit, 0);
  return (value, run) => {
    if (run.hasEnough()) return;
    if (++run.depth > maximumDepth) {
      run.error('too-costly', `There are more than ${maximumDepth} elements inside one another.`);
      run.depth--;
      return;
    }
    const { errors, path } = run;
    const keys = Object.keys(value);
    const slot = run.length++;
    let seen = 0;
    for (const key of keys) {
      const property = properties.get(key);
      if (property !== undefined) {
        if ((seen & property.bit) !== 0) secondProperty(shape, property, keys, run);
        seen |= property.bit;
        path[slot] = property.segment;
        (property.check ?? prepare(property))(value[key], value, run);
      } else if (key !== 'resourceType' || !isResource) {
        unknownElement(shape, key, run);
        if (run.hasEnough()) break;
      }
    }
    run.length = slot;
    if ((seen & requiredBits) !== requiredBits) missingElements(shape, seen, run);
    if (keys.length <= 1 && !isResource) requireContent(keys, mayBeIdOnly, run);
    run.depth--;
    if (run.errors === errors) {
      rule?.(value, run);
      invariants?.(value, run);
    }
  };
}

/** Reports that a choice is made twice, once for each property but the first. */
function secondProperty(
  { properties }: ObjectShape,
  property: Property,
  keys: readonly string[],
  run: Run,
): void {
  const { element, name, underscore } = property;
  if (!element.choice || (underscore && keys.includes(name))) return;
  const firstKey = keys.find((key) => properties.get(key)?.element === element) ?? name;
  const first = properties.get(firstKey) ?? property;
  if (first.name === name) return;
  run.path[run.length - 1] = element.name;
  run.error(
    'structure',
    `"${element.name}" has one value of one type, but both ${first.name} and ${name} are present.`,
  );
}

function missingElements({ required }: ObjectShape, seen: number, run: Run): void {
  for (const { bit, element } of required) {
    if ((seen & bit) !== 0) continue;
    const name = element.choice ? `${element.name}[x]` : element.name;
    run.errorAt(element.name, 'required', `The element "${name}" is required and missing.`);
  }
}

/** Every element has a value or children. Source: FHIR R4 element.html, rule ele-1. */
function requireContent(keys: readonly string[], mayBeIdOnly: boolean, run: Run): void {
  if (keys.length === 0) {
    run.error('structure', 'An empty object is not a value; leave the element out instead.');
  } else if (keys[0] === 'id' && !mayBeIdOnly) {
    run.error('invariant', 'An element must have content besides its id (rule ele-1).');
  }
}

const plainName = /^[A-Za-z][A-Za-z0-9]{0,63}$/;

function unknownElement(shape: ObjectShape, key: string, run: Run): void {
  const plain = plainName.test(key);
  if (plain) run.path[run.length - 1] = key;
  else run.length--;
  // Beyond what is listed, nobody reads the hint.
  run.error('structure', run.hasEnough() ? '' : unknownMessage(shape, key));
  if (!plain) run.length++;
}

function unknownMessage({ type, properties }: ObjectShape, key: string): string {
  const choice = [...type.elements.values()].find(
    ({ choice, name }) => choice && key.startsWith(name) && /^[A-Z]/.test(key.slice(name.length)),
  );
  if (choice) {
    const types = choice.types.map(({ code }) => code);
    const known = types.length > 12 ? 'the types of open elements' : types.join(', ');
    return `${quoted(key)} is not an element: the types of ${type.name}.${choice.name}[x] are ${known}.`;
  }
  if (key === 'resourceType') {
    return `"resourceType" stands in resources only; ${type.name} is a type of elements.`;
  }
  const near = nearestName(key, properties.keys());
  const hint = near === undefined ? '' : ` Is "${near}" meant?`;
  return `${quoted(key)} is not an element of ${type.name}.${hint}`;
}
