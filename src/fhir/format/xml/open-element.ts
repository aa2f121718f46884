import type { XmlProperty, XmlType } from './xml-model.js';

/** Why an element can't stand where it does; turned into an error with its place. */
export interface Misplacement {
  readonly code:
    | 'FHIR_XML_UNKNOWN_ELEMENT'
    | 'FHIR_XML_ORDER'
    | 'FHIR_XML_REPEATED'
    | 'FHIR_XML_UNKNOWN_TYPE'
    | 'FHIR_XML_EMPTY';
  readonly message: string;
}

/**
 * An element whose end has not come yet. It gathers the JSON of its children; since they must come in the
 * order of the definition, those of one name follow one another, and each member is written once.
 */
export class OpenElement {
  /** JSON of a primitive's value. */
  value: string | undefined;
  /** Members so far, with a comma before each. */
  private text = '';
  private current: XmlProperty | undefined;
  private values: (string | undefined)[] = [];
  private extras: (string | undefined)[] = [];

  constructor(
    /** Which property of its parent it is; undefined: a resource. */
    readonly property: XmlProperty | undefined,
    /** Undefined: an element around one resource, or the document. */
    readonly type: XmlType | undefined,
    /** How its parent's path goes on to it: `.name[1]`. */
    readonly step: string,
  ) {
    if (type?.isResource === true) this.text = `,"resourceType":"${type.name}"`;
  }

  /** JSON of the resource inside, of an element around one. */
  get resource(): string | undefined {
    return this.values[0];
  }

  set resource(text: string | undefined) {
    this.values[0] = text;
  }

  /** Places a child by the order of the definition. */
  enter(type: XmlType, name: string): XmlProperty | Misplacement {
    const property = type.properties.get(name);
    if (property === undefined || property.form === 'attribute') {
      return { code: 'FHIR_XML_UNKNOWN_ELEMENT', message: `${type.name} has no element <${shown(name)}>.` };
    }
    const { current } = this;
    if (property === current) {
      if (property.list) return property;
      return { code: 'FHIR_XML_REPEATED', message: `<${name}> may stand once only.` };
    }
    if (current?.rank === property.rank) {
      const message = `<${name}> and <${current.name}> are types of one choice; only one may stand.`;
      return { code: 'FHIR_XML_REPEATED', message };
    }
    if (current !== undefined && property.rank < current.rank) {
      return { code: 'FHIR_XML_ORDER', message: `<${name}> must stand before <${current.name}>.` };
    }
    this.flush();
    this.current = property;
    return property;
  }

  /** How the path goes on to the child that comes next. */
  stepTo(property: XmlProperty): string {
    return property.list ? `.${property.name}[${this.values.length}]` : `.${property.name}`;
  }

  /** Takes the JSON of a child: its value, and for primitives the object of its id and extensions. */
  add(value: string | undefined, extra: string | undefined): void {
    this.values.push(value);
    this.extras.push(extra);
  }

  addAttribute(name: string, json: string): void {
    this.text += `,"${name}":${json}`;
  }

  /** JSON of the object; undefined: it has no members. */
  finish(): string | undefined {
    this.flush();
    return this.text === '' ? undefined : `{${this.text.slice(1)}}`;
  }

  private flush(): void {
    const { current, values, extras } = this;
    if (current === undefined) return;
    if (values.some(isPresent)) this.text += `,"${current.name}":${jsonOf(current, values)}`;
    if (extras.some(isPresent)) this.text += `,"${current.sibling}":${jsonOf(current, extras)}`;
    this.values = [];
    this.extras = [];
  }
}

function jsonOf(property: XmlProperty, values: readonly (string | undefined)[]): string {
  return property.list ? `[${values.map((value) => value ?? 'null').join(',')}]` : (values[0] ?? 'null');
}

function isPresent(value: string | undefined): boolean {
  return value !== undefined;
}

/** A name from the text, short enough for a message. */
export function shown(name: string): string {
  return name.length > 64 ? `${name.slice(0, 64)}…` : name;
}
