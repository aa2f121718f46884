import type { PackedElement, PackedType } from './data-files.js';

export type TypeKind = 'primitive-type' | 'complex-type' | 'resource' | 'backbone';

/** One type that an element may have. */
export interface ElementType {
  /** `string`, `CodeableConcept`, `Reference`, a backbone path such as `Observation.component`, `Resource`. */
  readonly code: string;
  /** Types that a Reference or canonical may point to (`Resource`: any); empty where the type has none. */
  readonly targets: readonly string[];
  /** Profiles of the datatype, such as `SimpleQuantity`. */
  readonly profiles: readonly string[];
}

/** One element of a type. Source: FHIR R4 elementdefinition.html. */
export interface ElementDefinition {
  /** Without `[x]`. */
  readonly name: string;
  /** `Observation.value`, `Observation.component.code`; an inherited element keeps the path of its base. */
  readonly path: string;
  readonly min: number;
  /** Infinity for `*`. */
  readonly max: number;
  readonly types: readonly ElementType[];
  /** The JSON property is the name and a type: `valueString`. */
  readonly choice: boolean;
  /** Part of `_summary=true`. */
  readonly summary: boolean;
  /** URL (without version) of the value set of a required binding. */
  readonly binding: string | null;
  /** The one code system of a `code` whose binding is not required. */
  readonly system: string | null;
}

/** A JSON property: the element that it holds and, for a choice, which of its types. */
export interface ElementProperty {
  readonly element: ElementDefinition;
  readonly type: ElementType;
}

/** A resource type, datatype, primitive or backbone element. Source: FHIR R4 structuredefinition.html. */
export interface TypeDefinition {
  readonly name: string;
  readonly kind: TypeKind;
  readonly base: string | null;
  readonly abstract: boolean;
  /** Inherited ones included, in the order of the specification (which is the order in XML). */
  readonly elements: ReadonlyMap<string, ElementDefinition>;
  /** By JSON property name (`valueString`); the `_name` siblings of primitives are not listed. */
  readonly properties: ReadonlyMap<string, ElementProperty>;
  /** Pattern of a primitive as published; that of `base64Binary` takes exponential time on bad input. */
  readonly regex: string | null;
}

/** The JSON property of a choice: `value` and `dateTime` give `valueDateTime`. */
export function choiceProperty(name: string, type: string): string {
  return name + type.charAt(0).toUpperCase() + type.slice(1);
}

function unpackType(text: string): ElementType {
  const match = /^([^({]+)(?:\(([^)]*)\))?(?:\{([^}]*)\})?$/.exec(text);
  if (match?.[1] === undefined) throw new Error(`malformed type ${text} in the definition data`);
  return { code: match[1], targets: match[2]?.split('|') ?? [], profiles: match[3]?.split('|') ?? [] };
}

function unpackElement(owner: string, packed: PackedElement): ElementDefinition {
  return {
    name: packed.name,
    path: `${owner}.${packed.name}`,
    min: packed.min ?? 0,
    max: packed.max === '*' ? Infinity : (packed.max ?? 1),
    types: packed.types.map(unpackType),
    choice: packed.choice === 1,
    summary: packed.summary === 1,
    binding: packed.binding ?? null,
    system: packed.system ?? null,
  };
}

/** A type from its packed form and its base. */
export function unpackStructure(
  name: string,
  packed: PackedType,
  base: TypeDefinition | undefined,
): TypeDefinition {
  const elements = new Map(base?.elements);
  for (const element of packed.elements) elements.set(element.name, unpackElement(name, element));
  const properties = new Map<string, ElementProperty>();
  for (const element of elements.values()) {
    for (const type of element.types) {
      properties.set(element.choice ? choiceProperty(element.name, type.code) : element.name, {
        element,
        type,
      });
    }
  }
  return {
    name,
    kind: packed.kind,
    base: packed.base ?? null,
    abstract: packed.abstract === 1,
    elements,
    properties,
    regex: packed.regex ?? null,
  };
}
