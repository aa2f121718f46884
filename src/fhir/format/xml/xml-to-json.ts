import { isUtf8 } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';
import { SaxesParser, type SaxesAttributeNS, type SaxesTagNS, type XMLDecl } from 'saxes';
import { loadDefinitions } from '../../definitions/index.js';
import { NarrativeCopy } from './narrative-copy.js';
import { OpenElement, shown } from './open-element.js';
import { xmlEncoding, xmlError, xmlTooLarge } from './xml-errors.js';
import { xmlLimits, type XmlLimits } from './xml-limits.js';
import { FHIR_NAMESPACE, XHTML_NAMESPACE, xmlType, type XmlProperty, type XmlType } from './xml-model.js';

const SCHEMA_INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance';

/** Numbers of JSON (RFC 8259 section 6), which are those of FHIR's decimal and integer. */
const number = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const notSpace = /[^ \t\r\n]/;

/**
 * The JSON form of a resource in XML, ready to be read as a body in JSON is: its structure is checked here as
 * far as XML and JSON differ, its content by whoever validates the JSON. Numbers keep their spelling.
 * Source: FHIR R4 xml.html, json.html.
 *
 * @param xml UTF-8, with or without a byte order mark
 * @returns compact UTF-8 JSON
 * @throws FirekeepError 400 `FHIR_XML_…` with element and line; 413 `FHIR_XML_LIMIT`
 */
export function xmlToJson(xml: Buffer | string, limits: XmlLimits = xmlLimits): Buffer {
  const reader = readerOf(xml, limits);
  while (reader.step());
  return reader.json;
}

/**
 * The same for large texts: other requests get their turn between pieces of them, since a megabyte takes some
 * tenths of a second.
 *
 * @throws FirekeepError as {@link xmlToJson}, by the promise
 */
export async function xmlToJsonInTurns(xml: Buffer | string, limits: XmlLimits = xmlLimits): Promise<Buffer> {
  const reader = readerOf(xml, limits);
  while (reader.step()) await setImmediate();
  return reader.json;
}

/** Characters read at a time: some 10 ms. */
const pieceLength = 64 * 1024;

function readerOf(xml: Buffer | string, limits: XmlLimits): XmlReader {
  if (xml.length > limits.size) {
    throw xmlTooLarge(`The body has more than ${limits.size} bytes. Send it in parts.`);
  }
  return new XmlReader(decode(xml), limits);
}

function decode(xml: Buffer | string): string {
  if (typeof xml === 'string') return withoutMark(xml);
  const [first = 0, second = 0] = xml;
  // UTF-16 and UTF-32 begin with a mark, or with a zero beside the first "<".
  if (first >= 0xfe || (xml.length > 1 && (first === 0 || second === 0))) {
    throw xmlEncoding('The body is XML in UTF-16 or UTF-32.');
  }
  if (!isUtf8(xml)) throw xmlEncoding('The body is not UTF-8.');
  return withoutMark(xml.toString('utf8'));
}

function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

class XmlReader {
  private readonly parser = new SaxesParser({ xmlns: true, position: true });
  private readonly document = new OpenElement(undefined, undefined, '');
  private readonly open: OpenElement[] = [this.document];
  private narrative: NarrativeCopy | undefined;
  /** Behind the name of the tag that is read. */
  private tagPlace = 0;
  private at = 0;
  private attributes = 0;
  private elements = 0;

  constructor(
    private readonly source: string,
    private readonly limits: XmlLimits,
  ) {
    const { parser } = this;
    parser.on('error', ({ message }) => {
      throw this.malformed(message.replace(/^\d+:\d+: /, ''));
    });
    parser.on('xmldecl', (declaration) => this.declaration(declaration));
    parser.on('doctype', () => {
      throw this.error('FHIR_XML_DOCTYPE', 'A DOCTYPE is not read.');
    });
    parser.on('processinginstruction', () => {
      throw this.error('FHIR_XML_INSTRUCTION', 'A processing instruction is not read.');
    });
    parser.on('cdata', () => {
      throw this.error('FHIR_XML_TEXT', 'A CDATA section is not read; write &lt; and &amp; in its place.');
    });
    parser.on('text', (text) => this.text(text));
    parser.on('opentagstart', () => this.tagStart());
    parser.on('attribute', () => this.attribute());
    parser.on('opentag', (tag) => this.openTag(tag));
    parser.on('closetag', (tag) => this.closeTag(tag));
  }

  /** Reads a piece; false: that was the last one. */
  step(): boolean {
    const { parser, source, at } = this;
    this.at += pieceLength;
    parser.write(source.slice(at, this.at));
    if (this.at < source.length) return true;
    parser.close();
    return false;
  }

  /** The resource, when all of it was read. */
  get json(): Buffer {
    return Buffer.from(this.document.resource ?? '');
  }

  private declaration({ version, encoding }: XMLDecl): void {
    if (version !== '1.0') throw this.malformed('only XML 1.0 is read.');
    if (encoding !== undefined && !/^utf-?8$/i.test(encoding)) {
      throw xmlEncoding(`The body declares the encoding ${shown(encoding)}.`);
    }
  }

  private text(text: string): void {
    if (this.narrative !== undefined) this.narrative.characters(text);
    else if (notSpace.test(text)) {
      throw this.error(
        'FHIR_XML_TEXT',
        'Text stands between elements; values belong into the attribute "value".',
      );
    }
  }

  private tagStart(): void {
    if (++this.elements > this.limits.elements) {
      throw xmlTooLarge(`The body has more than ${this.limits.elements} elements. Send it in parts.`);
    }
    this.attributes = 0;
    // Names and spaces have no "<": the last one before the place starts this tag.
    this.tagPlace = this.parser.position;
  }

  private attribute(): void {
    if (++this.attributes > this.limits.attributes) {
      throw this.error('FHIR_XML_LIMIT', `An element has more than ${this.limits.attributes} attributes.`);
    }
  }

  private openTag(tag: SaxesTagNS): void {
    if (this.narrative !== undefined) {
      this.openXhtml(this.narrative, tag);
      return;
    }
    const parent = this.top;
    if (parent.type === undefined) this.openResource(parent, tag);
    else this.openElement(parent, parent.type, tag);
  }

  private openResource(parent: OpenElement, tag: SaxesTagNS): void {
    this.requireNamespace(tag, FHIR_NAMESPACE);
    const { local } = tag;
    if (parent.resource !== undefined) {
      throw this.error('FHIR_XML_REPEATED', 'One resource may stand here; there is a second one.');
    }
    if (!loadDefinitions().isResourceType(local)) {
      throw this.error('FHIR_XML_UNKNOWN_TYPE', `<${shown(local)}> is no resource of FHIR R4.`);
    }
    this.push(new OpenElement(undefined, xmlType(local), parent === this.document ? local : ''));
    this.readAttributes(tag, undefined);
  }

  private openElement(parent: OpenElement, type: XmlType, tag: SaxesTagNS): void {
    if (tag.uri !== XHTML_NAMESPACE) this.requireNamespace(tag, FHIR_NAMESPACE);
    const property = parent.enter(type, tag.local);
    if ('message' in property) throw this.error(property.code, property.message);
    const isNarrative = property.form === 'narrative';
    this.requireNamespace(tag, isNarrative ? XHTML_NAMESPACE : FHIR_NAMESPACE);
    const inside = isNarrative || property.form === 'resource' ? undefined : xmlType(property.type);
    this.push(new OpenElement(property, inside, parent.stepTo(property)));
    if (isNarrative) {
      this.narrative = new NarrativeCopy(tag, this.source.lastIndexOf('<', this.tagPlace - 1));
      this.openXhtml(this.narrative, tag);
    } else this.readAttributes(tag, property);
  }

  private openXhtml(narrative: NarrativeCopy, tag: SaxesTagNS): void {
    const problem = narrative.open(tag);
    if (problem !== undefined) throw this.error('FHIR_XML_NAMESPACE', problem);
    if (narrative.depth > this.limits.narrativeDepth) throw this.tooDeep();
  }

  private push(element: OpenElement): void {
    this.open.push(element);
    if (this.open.length > this.limits.depth) throw this.tooDeep();
  }

  private readAttributes(tag: SaxesTagNS, property: XmlProperty | undefined): void {
    const { attributes } = tag;
    for (const name in attributes) {
      const attribute = attributes[name];
      if (attribute === undefined || name === 'xmlns' || attribute.prefix === 'xmlns') continue;
      if (name === 'value' && property?.form === 'primitive') {
        this.top.value = this.primitive(property, attribute.value);
      } else if (this.top.type?.properties.get(name)?.form === 'attribute') {
        this.top.addAttribute(name, JSON.stringify(attribute.value));
      } else if (!this.isSchemaHint(attribute)) {
        throw this.error('FHIR_XML_UNKNOWN_ATTRIBUTE', `<${tag.name}> has no attribute "${shown(name)}".`);
      }
    }
  }

  /** Where a schema is says nothing about the resource; editors write it. */
  private isSchemaHint({ uri, local }: SaxesAttributeNS): boolean {
    return this.open.length === 2 && uri === SCHEMA_INSTANCE && local === 'schemaLocation';
  }

  private primitive({ json }: XmlProperty, value: string): string {
    if (json === 'string') return JSON.stringify(value);
    if (json === 'number' ? number.test(value) : value === 'true' || value === 'false') return value;
    const expectation = json === 'number' ? 'a number such as 12 or 1.50' : 'true or false';
    throw this.error('FHIR_XML_VALUE', `The value must be ${expectation}.`);
  }

  private closeTag(tag: SaxesTagNS): void {
    if (this.narrative === undefined) {
      this.close(this.top.value, undefined);
      return;
    }
    this.narrative.close(tag);
    if (this.narrative.depth > 0) return;
    const xhtml = this.narrative.finish(this.source, this.parser.position);
    this.narrative = undefined;
    this.close(undefined, JSON.stringify(xhtml));
  }

  /** Hands the JSON of the innermost element to the one around it. */
  private close(value: string | undefined, narrative: string | undefined): void {
    const element = this.top;
    const { property } = element;
    const content = narrative ?? (element.type === undefined ? element.resource : element.finish());
    if (content === undefined && value === undefined) {
      const what = element.type === undefined ? 'a resource' : 'a value, attributes or elements';
      throw this.error('FHIR_XML_EMPTY', `The element is empty; it must have ${what}.`);
    }
    this.open.pop();
    if (property === undefined) this.top.resource = content;
    else if (property.form === 'primitive') this.top.add(value, content);
    else this.top.add(content, undefined);
  }

  private requireNamespace(tag: SaxesTagNS, uri: string): void {
    if (tag.uri === uri) return;
    throw this.error('FHIR_XML_NAMESPACE', `<${shown(tag.name)}> must be in the namespace ${uri}.`);
  }

  private get top(): OpenElement {
    return this.open.at(-1) ?? this.document;
  }

  private tooDeep(): Error {
    return this.error('FHIR_XML_LIMIT', 'Too many elements stand inside one another.');
  }

  private malformed(what: string): Error {
    return this.error('FHIR_XML_MALFORMED', `The body is not well-formed XML: ${what}`);
  }

  private error(code: string, message: string): Error {
    const path = this.open.map(({ step }) => step).join('');
    return xmlError(code, message, { path, line: this.parser.line });
  }
}
