import type { Definitions } from '../definitions/index.js';
import { decodeString } from './json-reader.js';

/** A place in a resource that may point to another one. */
export interface Link {
  /** `reference`: Reference.reference; `uri`: an element of type uri, url, canonical, oid or uuid. */
  readonly kind: 'reference' | 'uri' | 'narrative';
  /** Place of the string, quotes included. */
  readonly start: number;
  readonly end: number;
  /** Decoded text: the URL or, of a narrative, the XHTML. */
  readonly value: string;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const uriTypes = new Set(['uri', 'url', 'canonical', 'oid', 'uuid']);

/** URLs that a transaction may rewrite, made once for all of its resources. */
export class LinkUrls {
  private readonly urls: ReadonlySet<string>;
  private readonly lengths: ReadonlySet<number>;

  constructor(urls: Iterable<string>) {
    this.urls = new Set(urls);
    this.lengths = new Set([...this.urls].map((url) => Buffer.byteLength(url)));
  }

  has(url: string): boolean {
    return this.urls.has(url);
  }

  /** Whether any has this many bytes: spares the decoding of most strings. */
  hasLength(bytes: number): boolean {
    return this.lengths.has(bytes);
  }
}

interface Frame {
  readonly isObject: boolean;
  readonly start: number;
  /** The member that is being read, decoded. */
  name: string;
  /** `resourceType` of the object; undefined: not looked for yet, null: it has none. */
  resourceType?: string | null;
}

/**
 * Every place of a resource that a transaction may have to rewrite: all Reference.reference values, and those
 * uri elements and narratives that name one of the given URLs. What a string is follows from the type of its
 * element, so that an identifier which happens to look like a URL is left alone.
 * Source: FHIR R4 http.html#trules.
 *
 * @param text compact, well-formed JSON of one resource
 * @param urls the URLs looked for in uri elements and narratives
 */
export function findLinks(
  text: Buffer,
  type: string,
  definitions: Definitions,
  urls: LinkUrls,
): readonly Link[] {
  return new LinkScanner(text, type, definitions, urls).scan();
}

class LinkScanner {
  private readonly frames: Frame[] = [];
  private readonly links: Link[] = [];

  constructor(
    private readonly text: Buffer,
    private readonly type: string,
    private readonly definitions: Definitions,
    private readonly urls: LinkUrls,
  ) {}

  scan(): readonly Link[] {
    const { text, frames } = this;
    let nameIsNext = false;
    for (let at = 0; at < text.length; at++) {
      const byte = text[at];
      if (byte === QUOTE) {
        const { end, escaped } = this.string(at);
        const frame = frames.at(-1);
        if (nameIsNext && frame !== undefined) {
          frame.name = decodeString(text, { start: at, end });
          nameIsNext = false;
        } else this.value(at, end, escaped);
        at = end - 1;
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        const isObject = byte === OPEN_BRACE;
        frames.push({ isObject, start: at, name: '' });
        nameIsNext = isObject;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) frames.pop();
      else if (byte === COMMA) nameIsNext = frames.at(-1)?.isObject ?? false;
    }
    return this.links;
  }

  private string(start: number): { end: number; escaped: boolean } {
    const { text } = this;
    let escaped = false;
    let at = start + 1;
    while (text[at] !== QUOTE) {
      if (text[at] === BACKSLASH) {
        escaped = true;
        at++;
      }
      at++;
    }
    return { end: at + 1, escaped };
  }

  private value(start: number, end: number, escaped: boolean): void {
    const name = this.frames.findLast(({ isObject }) => isObject)?.name;
    if (name !== 'reference' && name !== 'div' && !escaped && !this.urls.hasLength(end - start - 2)) return;
    const value = decodeString(this.text, { start, end });
    if (name === 'div') {
      if (this.namesUrl(value)) this.add('narrative', start, end, value, 'xhtml');
    } else if (name === 'reference' && this.elementType(1) === 'Reference') {
      this.links.push({ kind: 'reference', start, end, value });
    } else if (this.urls.has(value)) this.add('uri', start, end, value);
  }

  private add(kind: 'uri' | 'narrative', start: number, end: number, value: string, type?: string): void {
    const actual = this.elementType(0) ?? '';
    if (type === undefined ? uriTypes.has(actual) : actual === type) {
      this.links.push({ kind, start, end, value });
    }
  }

  private namesUrl(narrative: string): boolean {
    return [...narrativeLinks(narrative)].some((url) => this.urls.has(url));
  }

  /** Type of the element that is being read, or of the one `above` levels further out; undefined: unknown. */
  private elementType(above: number): string | undefined {
    const objects = this.frames.filter(({ isObject }) => isObject);
    let type = this.type;
    for (const [level, frame] of objects.slice(0, objects.length - above).entries()) {
      if (level > 0 && this.isResource(type)) {
        if (frame.resourceType === undefined) frame.resourceType = resourceTypeAt(this.text, frame.start);
        type = frame.resourceType ?? type;
      }
      const next = this.propertyType(type, frame.name);
      if (next === undefined) return undefined;
      type = next;
    }
    return type;
  }

  private propertyType(type: string, name: string): string | undefined {
    const properties = this.definitions.type(type)?.properties;
    const property = properties?.get(name);
    if (property !== undefined) return property.type.code;
    // The id and extensions of a primitive stand beside it.
    return name.startsWith('_') && properties?.has(name.slice(1)) === true ? 'Element' : undefined;
  }

  /** `contained`, `Bundle.entry.resource` and the like: the text says which type it is. */
  private isResource(type: string): boolean {
    return type === 'Resource' || type === 'DomainResource';
  }
}

/** `resourceType` of the object that begins at a place; members inside of others aren't looked at. */
function resourceTypeAt(text: Buffer, start: number): string | null {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const byte = text[at];
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (--depth === 0) return null;
    } else if (byte === QUOTE) {
      const end = endOfString(text, at);
      if (depth === 1 && text.toString('latin1', at, end + 1) === '"resourceType":') {
        return text[end + 1] === QUOTE
          ? decodeString(text, { start: end + 1, end: endOfString(text, end + 1) })
          : null;
      }
      at = end - 1;
    }
  }
  return null;
}

function endOfString(text: Buffer, start: number): number {
  let at = start + 1;
  while (text[at] !== QUOTE) at += text[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}

/** `<a href>` and `<img src>` in XHTML. */
const narrativeLink = /(<(?:a|img)\b[^<>]*?\s(?:href|src)\s*=\s*)("[^"<]*"|'[^'<]*')/g;

function* narrativeLinks(xhtml: string): Iterable<string> {
  for (const [, , quoted = ''] of xhtml.matchAll(narrativeLink)) yield quoted.slice(1, -1);
}

/**
 * The text with links replaced; everything between them stays byte by byte.
 *
 * @param resolve what a URL becomes; undefined: it stays
 * @returns the same Buffer where nothing changes
 */
export function replaceLinks(
  text: Buffer,
  links: readonly Link[],
  resolve: (url: string, kind: Link['kind']) => string | undefined,
): Buffer {
  const parts: Buffer[] = [];
  let kept = 0;
  for (const link of links) {
    const replacement = replacementOf(link, resolve);
    if (replacement === undefined) continue;
    parts.push(text.subarray(kept, link.start), Buffer.from(JSON.stringify(replacement)));
    kept = link.end;
  }
  if (parts.length === 0) return text;
  parts.push(text.subarray(kept));
  return Buffer.concat(parts);
}

function replacementOf(
  { kind, value }: Link,
  resolve: (url: string, kind: Link['kind']) => string | undefined,
): string | undefined {
  if (kind !== 'narrative') return resolve(value, kind);
  const changed = value.replace(narrativeLink, (whole: string, before: string, quoted: string) => {
    const url = resolve(quoted.slice(1, -1), kind);
    return url === undefined ? whole : `${before}"${url}"`;
  });
  return changed === value ? undefined : changed;
}
