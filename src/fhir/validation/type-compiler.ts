import type { Definitions, ElementDefinition, ElementType, TypeDefinition } from '../definitions/index.js';
import type { InvariantCheck, InvariantChecks } from './invariants/invariant.check.js';
import { narrativeItem } from './narrative/narrative.check.js';
import { objectCheck, type ObjectCheck, type Property, type PropertyCheck } from './object.check.js';
import { primitiveCheck } from './primitives/primitive.check.js';
import { primitiveFormat } from './primitives/primitive-format.js';
import {
  forbiddenProperty,
  itemList,
  objectItem,
  primitiveList,
  siblingList,
  singleItem,
  singlePrimitive,
  singleSibling,
  type ItemCheck,
} from './property.check.js';
import { closedCodes, conceptRule } from './rules/binding.rule.js';
import { extensionRule } from './rules/extension.rule.js';
import { referenceRule } from './rules/reference.rule.js';
import { resourceItem } from './rules/resource.rule.js';

/** Attributes of elements rather than elements: they have no id and extensions of their own. */
const withoutSibling: ReadonlySet<string> = new Set([
  'Element.id',
  'Resource.id',
  'Extension.url',
  'Narrative.div',
]);

/** Types whose values may refer to a contained resource. Source: FHIR R4 domainresource.html, rule dom-3. */
const uriTypes: ReadonlySet<string> = new Set(['uri', 'url', 'canonical']);

const typeRules: Readonly<Record<string, ObjectCheck>> = { Extension: extensionRule };

/** Makes the checks of types when a resource first needs them, and keeps them. */
export class TypeCompiler {
  private readonly checks = new Map<string, ObjectCheck>();
  private readonly siblingCheck: ObjectCheck;
  private readonly formats = new Map<string, ReturnType<typeof primitiveFormat>>();

  constructor(
    private readonly definitions: Definitions,
    private readonly invariants: InvariantChecks,
  ) {
    this.siblingCheck = this.compile('Element', true);
  }

  /** The check of a resource type, datatype or backbone element; throws for a name that is none. */
  readonly check = (type: string): ObjectCheck => {
    const known = this.checks.get(type);
    if (known) return known;
    const check = this.compile(type, false);
    this.checks.set(type, check);
    return check;
  };

  private compile(name: string, mayBeIdOnly: boolean): ObjectCheck {
    const type = this.definitions.type(name);
    if (!type) throw new Error(`no definition of the type ${name}`);
    const bits = elementBits(type);
    return objectCheck({
      type,
      properties: this.properties(type, bits),
      required: [...bits].filter(([element]) => element.min > 0).map(([element, bit]) => ({ bit, element })),
      mayBeIdOnly,
      rule: typeRules[name],
      invariants: this.invariants.ofType(type),
      prepare: (property) => (property.check = this.propertyCheck(property)),
    });
  }

  private properties(
    type: TypeDefinition,
    bits: ReadonlyMap<ElementDefinition, number>,
  ): Map<string, Property> {
    const properties = new Map<string, Property>();
    for (const [name, { element, type: elementType }] of type.properties) {
      const shared = {
        element,
        type: elementType,
        name,
        segment: element.choice ? `${element.name}.ofType(${elementType.code})` : element.name,
        bit: bits.get(element) ?? 0,
        check: undefined,
      };
      properties.set(name, { ...shared, underscore: false });
      if (this.isPrimitive(elementType.code) && !withoutSibling.has(element.path)) {
        properties.set(`_${name}`, { ...shared, underscore: true });
      }
    }
    return properties;
  }

  private isPrimitive(type: string): boolean {
    return this.definitions.type(type)?.kind === 'primitive-type';
  }

  private propertyCheck({ element, type, name, underscore }: Property): PropertyCheck {
    const { max } = element;
    const repeats = max > 1;
    if (max === 0) return forbiddenProperty;
    if (underscore) {
      return repeats ? siblingList(this.siblingCheck, name, max) : singleSibling(this.siblingCheck, name);
    }
    const invariants = this.invariants.ofElement(element);
    if (this.isPrimitive(type.code) && type.code !== 'xhtml') {
      const check = this.primitive(element, type);
      return withInvariants(
        repeats ? primitiveList(check, name, max) : singlePrimitive(check, name),
        invariants,
      );
    }
    const item = this.item(element, type);
    return withInvariants(repeats ? itemList(item, max) : singleItem(item), invariants);
  }

  private primitive(element: ElementDefinition, { code }: ElementType) {
    const codes = element.binding === null ? undefined : closedCodes(this.definitions, element.binding);
    return primitiveCheck(this.format(element, code), codes, uriTypes.has(code));
  }

  private format(element: ElementDefinition, type: string) {
    // An element's id may be any string without white space. Source: FHIR R4 element.html#id.
    const name = element.path === 'Element.id' ? 'element-id' : type;
    const known = this.formats.get(name);
    if (known) return known;
    const format = primitiveFormat(name, this.definitions);
    this.formats.set(name, format);
    return format;
  }

  private item(element: ElementDefinition, type: ElementType): ItemCheck {
    if (type.code === 'xhtml') return narrativeItem;
    if (type.code === 'Resource') {
      return resourceItem(this.definitions, this.check, element.path === 'DomainResource.contained');
    }
    const check = this.check(type.profiles[0] ?? type.code);
    return objectItem(check, this.rule(element, type));
  }

  private rule(element: ElementDefinition, type: ElementType): ObjectCheck | undefined {
    if (type.code === 'Reference') return referenceRule(this.definitions, type.targets);
    if (element.binding === null) return undefined;
    if (type.code === 'CodeableConcept') return conceptRule(this.definitions, element.binding);
    throw new Error(`no check for the required binding of ${element.path} to ${type.code}`);
  }
}

/** A bit for each element that is required or a choice. */
function elementBits(type: TypeDefinition): ReadonlyMap<ElementDefinition, number> {
  const watched = [...type.elements.values()].filter(({ min, choice }) => min > 0 || choice);
  if (watched.length > 31) throw new Error(`too many required and choice elements in ${type.name}`);
  return new Map(watched.map((element, index) => [element, 2 ** index]));
}

/** Adds what an element's definition asks of each of its values, for values that are right otherwise. */
function withInvariants(check: PropertyCheck, invariants: InvariantCheck | undefined): PropertyCheck {
  if (invariants === undefined) return check;
  return (value, owner, run) => {
    const { errors } = run;
    check(value, owner, run);
    if (run.errors !== errors) return;
    if (!Array.isArray(value)) {
      invariants(value, run);
      return;
    }
    const slot = run.length++;
    for (let index = 0; index < value.length; index++) {
      run.path[slot] = index;
      invariants(value[index], run);
    }
    run.length = slot;
  };
}
