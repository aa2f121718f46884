import { loadDefinitions } from '../../definitions/index.js';
import { bodyLimits } from '../json-limits.js';
import { JsonReader } from '../json-reader.js';
import { parseResource, type JsonObject, type ParsedResource } from '../parsed-resource.js';
import { NarrativeProblem, narrativeXml } from './narrative-text.js';
import { notRepresentable, xmlTooLarge } from './xml-errors.js';
import { xmlLimits } from './xml-limits.js';
import { FHIR_NAMESPACE, xmlType, type XmlProperty, type XmlType } from './xml-model.js';
import { attributeText } from './xml-text.js';

export interface XmlWriting {
  /** One element a line, indented (`_pretty=true`); narratives stay as they are. */
  readonly pretty?: boolean;
}

/**
 * The XML form of a resource: elements in the order of the definitions, numbers as the JSON spells them.
 * Source: FHIR R4 xml.html.
 *
 * @param json a resource of any type, a Bundle included
 * @throws FirekeepError 406 `FHIR_XML_NOT_REPRESENTABLE` where XML would lose something: a member that the
 *   definitions don't have, an empty array or object, a narrative that is not well-formed;
 *   413 `FHIR_XML_LIMIT`; `FHIR_MALFORMED_JSON` and the like for what is no JSON
 */
export function jsonToXml(json: Buffer | string, { pretty = false }: XmlWriting = {}): string {
  const writer = new XmlWriter(parse(typeof json === 'string' ? Buffer.from(json) : json), pretty);
  return writer.document();
}

function parse(body: Buffer): ParsedResource {
  const reader = new JsonReader(body, bodyLimits);
  if (reader.peek() !== '{') throw notRepresentable('an object is expected.', '');
  reader.copyValue();
  reader.finish();
  const { members, unusualNumbers } = reader;
  const text = reader.out.subarray(0, reader.length);
  const nothing = Buffer.alloc(0);
  return parseResource({
    type: '',
    id: undefined,
    text,
    metaRest: nothing,
    rest: nothing,
    members,
    unusualNumbers,
  });
}

class XmlWriter {
  private out = '<?xml version="1.0" encoding="UTF-8"?>';
  private depth = 0;
  /** Names and indexes down to the element that is written, for errors. */
  private readonly path: string[] = [];

  constructor(
    private readonly source: ParsedResource,
    private readonly pretty: boolean,
  ) {}

  document(): string {
    this.resource(this.source.object, ` xmlns="${FHIR_NAMESPACE}"`);
    if (this.pretty) this.out += '\n';
    return this.out;
  }

  private resource(value: unknown, namespace: string): void {
    if (!isObject(value)) throw this.problem('a resource is expected.');
    const type = value.resourceType;
    if (typeof type !== 'string' || !loadDefinitions().isResourceType(type)) {
      throw this.problem('FHIR R4 has no resource of its type.');
    }
    if (this.depth === 0) this.path.push(type);
    this.begin(type);
    this.out += namespace;
    const properties = this.properties(value, xmlType(type));
    if (properties.length === 0) this.out += '/>';
    else this.children(type, value, properties);
    if (this.depth === 0) this.path.pop();
  }

  private children(name: string, object: JsonObject, properties: readonly XmlProperty[]): void {
    this.out += '>';
    this.depth++;
    for (const property of properties) this.property(property, object);
    this.depth--;
    this.end(name);
  }

  /** Properties of an object that are elements, in the order of the definition. */
  private properties(object: JsonObject, type: XmlType): readonly XmlProperty[] {
    const found: XmlProperty[] = [];
    let isOrdered = true;
    let rank = -1;
    for (const key of Object.keys(object)) {
      const property = type.members.get(key);
      if (property === undefined) {
        if (key === 'resourceType' && type.isResource) continue;
        throw this.problem(`${type.name} has no element "${key.slice(0, 64)}".`);
      }
      if (property.form === 'attribute' || found.includes(property)) continue;
      if (property.rank <= rank) isOrdered = false;
      rank = property.rank;
      found.push(property);
    }
    if (isOrdered) return found;
    found.sort((one, other) => one.rank - other.rank);
    found.forEach((property, index) => {
      const before = found[index - 1];
      if (before?.rank === property.rank) {
        throw this.problem(`"${before.name}" and "${property.name}" are types of one choice.`);
      }
    });
    return found;
  }

  private property(property: XmlProperty, object: JsonObject): void {
    const value = object[property.name];
    const extra = property.form === 'primitive' ? object[property.sibling] : undefined;
    this.path.push(`.${property.name}`);
    if (property.list) this.list(property, value, extra);
    else if (property.form === 'primitive') this.primitive(property, value, extra, object, property.name);
    else this.element(property, value);
    this.path.pop();
  }

  private list(property: XmlProperty, values: unknown, extras: unknown): void {
    const list = this.array(values);
    const siblings = this.array(extras);
    const length = Math.max(list.length, siblings.length);
    if (length === 0) throw this.problem('an empty array has no XML form.');
    for (let index = 0; index < length; index++) {
      this.path.push(`[${index}]`);
      if (property.form === 'primitive') {
        this.primitive(property, list[index] ?? undefined, siblings[index] ?? undefined, list, index);
      } else this.element(property, list[index]);
      this.path.pop();
    }
  }

  private array(value: unknown): readonly unknown[] {
    if (value === undefined) return [];
    if (!Array.isArray(value)) throw this.problem('an array is expected.');
    return value;
  }

  private element(property: XmlProperty, value: unknown): void {
    if (this.out.length > xmlLimits.size) throw tooLong();
    if (property.form === 'narrative') this.narrative(value);
    else if (property.form === 'resource') {
      this.begin(property.name);
      this.out += '>';
      this.depth++;
      this.resource(value, '');
      this.depth--;
      this.end(property.name);
    } else {
      if (!isObject(value)) throw this.problem('an object is expected.');
      this.begin(property.name);
      if (!this.content(property, value)) throw this.problem('an empty object has no XML form.');
    }
  }

  /** Attributes, members and end of an element; false: it has none. */
  private content(property: XmlProperty, object: JsonObject): boolean {
    const type = xmlType(property.type);
    const properties = this.properties(object, type);
    const { length } = this.out;
    this.attributes(object, type);
    if (properties.length > 0) this.children(property.name, object, properties);
    else if (this.out.length === length) return false;
    else this.out += '/>';
    return true;
  }

  private attributes(object: JsonObject, type: XmlType): void {
    for (const name of ['id', 'url']) {
      const value = object[name];
      if (value === undefined || type.members.get(name)?.form !== 'attribute') continue;
      if (typeof value !== 'string') throw this.problem(`"${name}" must be a string.`);
      this.out += ` ${name}="${attributeText(value)}"`;
    }
  }

  private primitive(
    property: XmlProperty,
    value: unknown,
    extra: unknown,
    owner: object,
    key: string | number,
  ): void {
    if (this.out.length > xmlLimits.size) throw tooLong();
    if (value === undefined && extra === undefined) throw this.problem('null has no XML form.');
    this.begin(property.name);
    if (value !== undefined) {
      if (typeof value !== property.json) throw this.problem(`a ${property.json} is expected.`);
      this.out += ' value="';
      this.out += typeof value === 'string' ? attributeText(value) : this.literal(value, owner, key);
      this.out += '"';
    }
    if (extra === undefined) this.out += '/>';
    else if (!isObject(extra)) throw this.problem(`"${property.sibling}" must hold objects.`);
    else if (!this.content(property, extra)) throw this.problem('an empty object has no XML form.');
  }

  private literal(value: unknown, owner: object, key: string | number): string {
    if (typeof value !== 'number') return String(value);
    return this.source.decimalText(owner, key) ?? (Object.is(value, -0) ? '-0' : String(value));
  }

  private narrative(value: unknown): void {
    if (typeof value !== 'string') throw this.problem('XHTML in a string is expected.');
    const xhtml = narrativeXml(value);
    if (xhtml instanceof NarrativeProblem) throw this.problem(`the narrative ${xhtml.message}.`);
    this.lineBreak();
    this.out += xhtml;
  }

  private begin(name: string): void {
    this.lineBreak();
    this.out += `<${name}`;
  }

  private end(name: string): void {
    this.lineBreak();
    this.out += `</${name}>`;
  }

  private lineBreak(): void {
    if (this.pretty) this.out += `\n${'  '.repeat(this.depth)}`;
  }

  private problem(what: string): Error {
    return notRepresentable(what, this.path.join(''));
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function tooLong(): Error {
  return xmlTooLarge(
    `The answer has more than ${xmlLimits.size} characters in XML. Ask for JSON or a smaller page.`,
  );
}
