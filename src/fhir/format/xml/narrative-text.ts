import { isCharacterReference, storableText } from '../../../platform/text/index.js';
import { htmlCharacter } from './html-entities.js';
import { xmlLimits } from './xml-limits.js';
import { XHTML_NAMESPACE } from './xml-model.js';

const name = /[A-Za-z_][\w.\-]*/y;
const attribute = /[ \t\r\n]+((?:xml:)?[A-Za-z_][\w.\-]*)[ \t\r\n]*=[ \t\r\n]*(?:"([^"<]*)"|'([^'<]*)')/y;
const tagEnd = /[ \t\r\n]*(\/?)>/y;
const namedReference = /&([A-Za-z][A-Za-z0-9]*);/g;
const numericReference = /&(#(?:x[0-9A-Fa-f]+|[0-9]+));/g;
const referenceBody = /&([^;&<"']{1,32});/y;
const xmlReferences = new Set(['amp', 'lt', 'gt', 'quot', 'apos']);

/** Why a narrative can't stand in XML, completing "The narrative …". */
export class NarrativeProblem {
  constructor(readonly message: string) {}
}

/**
 * The XHTML of a narrative in JSON as a part of an XML document: the same text, with HTML's named characters
 * as references by number and with its namespace. It is read once from end to end: what isn't well-formed
 * could end the element early and put anything into the document.
 *
 * Source: FHIR R4 narrative.html, xml.html.
 */
export function narrativeXml(text: string): string | NarrativeProblem {
  let xhtml = storableText(text).trim();
  if (xhtml.includes('&#')) xhtml = xhtml.replace(numericReference, possible);
  if (xhtml.includes('&')) xhtml = xhtml.replace(namedReference, numeric);
  if (xhtml.includes(']]>')) xhtml = xhtml.replaceAll(']]>', ']]&gt;');
  const scanner = new Scanner(xhtml);
  const problem = scanner.document();
  if (problem !== undefined) return new NarrativeProblem(problem);
  return scanner.hasNamespace ? xhtml : `<div xmlns="${XHTML_NAMESPACE}"${xhtml.slice('<div'.length)}`;
}

/** A character that XML has not is shown as U+FFFD, as it is where it stands itself. */
function possible(reference: string, body: string): string {
  return isCharacterReference(body) ? reference : '\ufffd';
}

function numeric(reference: string, key: string): string {
  const code = xmlReferences.has(key) ? undefined : htmlCharacter(key);
  return code === undefined ? reference : `&#${code};`;
}

/** Reads one `div` element and says what is wrong with it. */
class Scanner {
  hasNamespace = false;
  private at = 0;
  private readonly open: string[] = [];

  private readonly hasReferences: boolean;

  constructor(private readonly text: string) {
    this.hasReferences = text.includes('&');
  }

  document(): string | undefined {
    if (!/^<div[ \t\r\n/>]/.test(this.text)) return 'is not one <div> element';
    do {
      const problem = this.next();
      if (problem !== undefined) return problem;
    } while (this.open.length > 0);
    return this.at < this.text.length ? 'has something behind its <div>' : undefined;
  }

  private next(): string | undefined {
    const { text, at } = this;
    if (at >= text.length) return 'ends before its <div> does';
    if (text[at] !== '<') {
      const next = text.indexOf('<', at);
      this.at = next === -1 ? text.length : next;
      return this.hasReferences ? referenceProblem(text.slice(at, this.at)) : undefined;
    }
    if (text.startsWith('<!--', at)) return this.comment();
    return text[at + 1] === '/' ? this.endTag() : this.startTag();
  }

  private comment(): string | undefined {
    const end = this.text.indexOf('--', this.at + 4);
    if (end === -1 || this.text[end + 2] !== '>') return 'has a comment that is not well-formed';
    this.at = end + 3;
    return undefined;
  }

  private endTag(): string | undefined {
    this.at += 2;
    const element = this.match(name)?.[0];
    const end = this.match(tagEnd);
    return element !== this.open.pop() || end === null || end[1] === '/'
      ? 'has an end tag that fits no start tag'
      : undefined;
  }

  private startTag(): string | undefined {
    this.at++;
    const element = this.match(name)?.[0];
    if (element === undefined) return 'has a "<" that starts no tag';
    const isRoot = this.open.length === 0;
    const seen = new Set<string>();
    for (let match = this.match(attribute); match !== null; match = this.match(attribute)) {
      const [, key = '', double, single] = match;
      const value = double ?? single ?? '';
      if (seen.has(key)) return `has the attribute "${key.slice(0, 32)}" twice at one element`;
      seen.add(key);
      if (key === 'xmlns') {
        if (value !== XHTML_NAMESPACE) return 'is not in the namespace of XHTML';
        if (isRoot) this.hasNamespace = true;
      }
      const problem = referenceProblem(value);
      if (problem !== undefined) return problem;
    }
    if (seen.size > xmlLimits.attributes) return 'has too many attributes at one element';
    const end = this.match(tagEnd);
    if (end === null) return 'has a tag that is not well-formed';
    if (end[1] !== '/' && this.open.push(element) > xmlLimits.narrativeDepth) {
      return `has more than ${xmlLimits.narrativeDepth} elements inside one another`;
    }
    return undefined;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match !== null) this.at = pattern.lastIndex;
    return match;
  }
}

function referenceProblem(text: string): string | undefined {
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', at + 1)) {
    referenceBody.lastIndex = at;
    const body = referenceBody.exec(text)?.[1] ?? '';
    if (!xmlReferences.has(body) && !isCharacterReference(body)) {
      return 'has a "&" that starts no reference of XML';
    }
  }
  return undefined;
}
