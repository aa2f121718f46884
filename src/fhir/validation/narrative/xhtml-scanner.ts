import { isCharacterReference } from '../../../platform/text/index.js';
import { addressAttributes, narrativeElements } from './xhtml-vocabulary.js';

const NAMESPACE = 'http://www.w3.org/1999/xhtml';
const maximumDepth = 100;

/** Everything between two tags that an XML parser and an HTML parser read alike. */
const name = /[A-Za-z][A-Za-z0-9]*/y;
const attribute = /[ \t\r\n]+([A-Za-z][A-Za-z:\-]*)[ \t\r\n]*=[ \t\r\n]*(?:"([^"<]*)"|'([^'<]*)')/y;
const tagEnd = /[ \t\r\n]*(\/?)>/y;
const reference = /&(?:amp|lt|gt|quot|apos|(#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6}));/y;

/** What is wrong with a narrative, completing "The narrative …". */
export class XhtmlProblem {
  constructor(
    readonly rule: 'txt-1' | 'txt-2',
    readonly message: string,
  ) {}
}

/**
 * Reads the XHTML of a narrative in one pass and gives the first thing that is wrong with it. Whatever the
 * two languages read differently (CDATA, processing instructions, DOCTYPE, odd comments) is refused, so that
 * no browser sees more than was checked.
 *
 * Source: FHIR R4 narrative.html, rules txt-1 and txt-2.
 */
export function xhtmlProblem(text: string): XhtmlProblem | undefined {
  const scanner = new Scanner(text);
  const message = scanner.document();
  if (message !== undefined) return new XhtmlProblem('txt-1', message);
  return scanner.hasContent
    ? undefined
    : new XhtmlProblem('txt-2', 'must have some text or an image besides white space');
}

class Scanner {
  hasContent = false;
  private at = 0;
  /** Where the next "&" stands, at or behind the place; kept so that each character is looked at once. */
  private ampersand = -1;
  private readonly open: string[] = [];

  constructor(private readonly text: string) {}

  document(): string | undefined {
    this.skipSpace();
    if (!this.text.startsWith('<div', this.at)) return 'must be one <div> element';
    do {
      const problem = this.next();
      if (problem !== undefined) return problem;
    } while (this.open.length > 0);
    this.skipSpace();
    return this.at < this.text.length ? 'must be one <div> element, with nothing behind it' : undefined;
  }

  /** A tag or comment, or the text before one. */
  private next(): string | undefined {
    const { text, at } = this;
    if (at >= text.length) return `ends before </${this.open.at(-1) ?? 'div'}>`;
    if (text[at] !== '<') return this.characters();
    if (text.startsWith('<!--', at)) return this.comment();
    if (text[at + 1] === '/') return this.endTag();
    if (text[at + 1] === '!' || text[at + 1] === '?') {
      return 'must not have DOCTYPE, CDATA sections or processing instructions';
    }
    return this.startTag();
  }

  private characters(): string | undefined {
    const next = this.text.indexOf('<', this.at);
    const end = next === -1 ? this.text.length : next;
    while (this.nextAmpersand() < end) {
      const problem = referenceProblem(this.text, this.ampersand);
      if (problem !== undefined) return problem;
      this.at = this.ampersand + 1;
      this.hasContent = true;
    }
    if (!this.hasContent) {
      this.skipSpace();
      this.hasContent = this.at < end;
    }
    this.at = end;
    return undefined;
  }

  private nextAmpersand(): number {
    if (this.ampersand < this.at) {
      const next = this.text.indexOf('&', this.at);
      this.ampersand = next === -1 ? this.text.length : next;
    }
    return this.ampersand;
  }

  private comment(): string | undefined {
    const start = this.at + 4;
    const end = this.text.indexOf('--', start);
    if (end === -1) return 'has a comment without an end';
    // HTML ends a comment at these, XML does not.
    if (this.text.startsWith('>', start) || this.text.startsWith('->', start) || this.text[end + 2] !== '>') {
      return 'has a comment that is not well-formed';
    }
    this.at = end + 3;
    return undefined;
  }

  private endTag(): string | undefined {
    this.at += 2;
    const element = this.match(name)?.[0];
    const expected = this.open.pop();
    if (element !== expected) return `has </${element ?? ''}> where </${expected ?? ''}> is expected`;
    const end = this.match(tagEnd);
    return end === null || end[1] === '/'
      ? `has an end tag of ${element ?? ''} that is not well-formed`
      : undefined;
  }

  private startTag(): string | undefined {
    this.at++;
    const element = this.match(name)?.[0];
    if (element === undefined) return 'has a "<" that starts no tag; text has it as &lt;';
    const allowed = narrativeElements.get(element);
    if (allowed === undefined) return `must not have the element <${element.slice(0, 32)}>`;
    const problem = this.attributes(element, allowed);
    if (problem !== undefined) return problem;
    const end = this.match(tagEnd);
    if (end === null) return `has a tag <${element}> that is not well-formed`;
    if (element === 'img') this.hasContent = true;
    if (end[1] === '/') return undefined;
    if (this.open.push(element) > maximumDepth)
      return `has more than ${maximumDepth} elements inside one another`;
    return undefined;
  }

  private attributes(element: string, allowed: ReadonlySet<string>): string | undefined {
    let seen: Set<string> | undefined;
    let namespace: string | undefined;
    for (let match = this.match(attribute); match !== null; match = this.match(attribute)) {
      const key = match[1] ?? '';
      const value = match[2] ?? match[3] ?? '';
      if (!allowed.has(key)) return `must not have the attribute "${key.slice(0, 32)}" at <${element}>`;
      if (seen?.has(key)) return `has the attribute "${key}" twice at <${element}>`;
      (seen ??= new Set()).add(key);
      if (key === 'xmlns') namespace = value;
      const problem = referencesProblem(value) ?? attributeProblem(key, value);
      if (problem !== undefined) return problem;
    }
    const isNamespaceRight = namespace === undefined ? this.open.length > 0 : namespace === NAMESPACE;
    return isNamespaceRight ? undefined : `must have xmlns="${NAMESPACE}" at its <div>`;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match !== null) this.at = pattern.lastIndex;
    return match;
  }

  private skipSpace(): void {
    const { text } = this;
    while (isSpace(text.charCodeAt(this.at))) this.at++;
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function referencesProblem(text: string): string | undefined {
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', at + 1)) {
    const problem = referenceProblem(text, at);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** XML has five entities; others (`&nbsp;`) are not defined in a resource. */
function referenceProblem(text: string, at: number): string | undefined {
  reference.lastIndex = at;
  const match = reference.exec(text);
  if (match !== null && (match[1] === undefined || isCharacterReference(match[1]))) return undefined;
  const shown = /^&[A-Za-z0-9#]{0,16};?/.exec(text.slice(at, at + 20))?.[0] ?? '&';
  return `has "${shown}", which is no reference of XML: write &amp; or the character itself`;
}

/** Schemes and style texts that run scripts in some browser. */
const script = /^(?:javascript|vbscript|livescript|mocha):/;
const dataText = /^data:(?!image\/(?:png|gif|jpeg|webp|bmp)[;,])/;
const activeStyle = /expression\(|javascript:|vbscript:|behaviou?r:|-moz-binding|@import|\\|\/\*/;

function attributeProblem(key: string, value: string): string | undefined {
  if (key !== 'style' && !addressAttributes.has(key)) return undefined;
  // Browsers ignore white space and control characters in schemes.
  const plain = decodeReferences(value)
    .replace(/[\u0000-\u0020\u007f-\u00a0\u200b-\u200f\u2028\u2029\ufeff]/g, '')
    .toLowerCase();
  if (key === 'style') {
    return activeStyle.test(plain)
      ? 'must not have a style that can run scripts or load style sheets'
      : undefined;
  }
  return script.test(plain) || dataText.test(plain)
    ? `must not have an address that runs scripts in "${key}"`
    : undefined;
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decodeReferences(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x[0-9A-Fa-f]+|#[0-9]+|[a-z]+);/g, (_whole, body: string) => {
    if (!body.startsWith('#')) return named[body] ?? '';
    const code = body.startsWith('#x') ? parseInt(body.slice(2), 16) : parseInt(body.slice(1), 10);
    return code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });
}
