import { loadDefinitions, type ElementType, type TypeDefinition } from '../../definitions/index.js';

export const FHIR_NAMESPACE = 'http://hl7.org/fhir';
export const XHTML_NAMESPACE = 'http://www.w3.org/1999/xhtml';

/**
 * How a JSON property stands in XML: `attribute` (`Element.id`, `Extension.url`), `primitive` (its value in
 * the attribute `value`), `complex`, `resource` (an element around the resource), `narrative` (XHTML).
 * Source: FHIR R4 xml.html.
 */
export type XmlForm = 'attribute' | 'primitive' | 'complex' | 'resource' | 'narrative';

/** A property of a type: the name is the same in JSON and XML. */
export interface XmlProperty {
  readonly name: string;
  /** The sibling of a primitive in JSON: `_birthDate`. */
  readonly sibling: string;
  readonly form: XmlForm;
  readonly list: boolean;
  /** Place of its element among those of the type; the types of a choice share one. */
  readonly rank: number;
  /** Type of the value; see {@link xmlType}. */
  readonly type: string;
  /** What the value of a primitive is in JSON. */
  readonly json: 'string' | 'number' | 'boolean';
}

export interface XmlType {
  readonly name: string;
  readonly isResource: boolean;
  /** By name; in the order of the specification. */
  readonly properties: ReadonlyMap<string, XmlProperty>;
  /** By member name in JSON: name, and sibling of primitives. */
  readonly members: ReadonlyMap<string, XmlProperty>;
}

const numbers = new Set(['decimal', 'integer', 'positiveInt', 'unsignedInt']);
const compiled = new Map<string, XmlType>();

/** The XML form of a resource type, datatype or backbone element, compiled at its first use. */
export function xmlType(name: string): XmlType {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const definition = loadDefinitions().type(name);
  if (definition === undefined) throw new Error(`no definition of the type ${name}`);
  const type = compile(definition);
  compiled.set(name, type);
  return type;
}

function compile(definition: TypeDefinition): XmlType {
  const ranks = new Map([...definition.elements.keys()].map((name, rank) => [name, rank]));
  const properties = new Map<string, XmlProperty>();
  const members = new Map<string, XmlProperty>();
  for (const [name, { element, type }] of definition.properties) {
    const property: XmlProperty = {
      name,
      sibling: `_${name}`,
      form: formOf(definition, name, type),
      list: element.max > 1,
      rank: ranks.get(element.name) ?? 0,
      type: type.code,
      json: type.code === 'boolean' ? 'boolean' : numbers.has(type.code) ? 'number' : 'string',
    };
    properties.set(name, property);
    members.set(name, property);
    if (property.form === 'primitive') members.set(property.sibling, property);
  }
  return { name: definition.name, isResource: definition.kind === 'resource', properties, members };
}

function formOf(owner: TypeDefinition, name: string, { code }: ElementType): XmlForm {
  if (name === 'id' && owner.kind !== 'resource') return 'attribute';
  if (name === 'url' && owner.name === 'Extension') return 'attribute';
  if (code === 'xhtml') return 'narrative';
  const kind = loadDefinitions().type(code)?.kind;
  if (kind === 'primitive-type') return 'primitive';
  return kind === 'resource' ? 'resource' : 'complex';
}
