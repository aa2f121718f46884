import type { SaxesAttributeNS, SaxesTagNS } from 'saxes';
import { XHTML_NAMESPACE } from './xml-model.js';
import { attributeText, characterText } from './xml-text.js';

/**
 * The XHTML of a narrative while it is read. Where it declares its namespace itself, and nothing else, it is
 * taken over from the text as it stands. Where it relies on declarations around it (`<h:div>`), it is written
 * anew without prefixes, since in JSON it stands alone.
 */
export class NarrativeCopy {
  depth = 0;
  private rewritten: string | undefined;

  constructor(
    root: SaxesTagNS,
    /** Place of its `<` in the text. */
    private readonly start: number,
  ) {
    const declarations = Object.values(root.attributes).filter(isDeclaration);
    const isSelfContained =
      root.prefix === '' && declarations.length === 1 && declarations.every(isPlainDeclaration);
    this.rewritten = isSelfContained ? undefined : '';
  }

  /** @returns what is wrong with the tag */
  open(tag: SaxesTagNS): string | undefined {
    if (tag.uri !== XHTML_NAMESPACE) return `<${tag.name}> in a narrative must be in the namespace of XHTML.`;
    this.depth++;
    const attributes = Object.values(tag.attributes);
    const foreign = attributes.find(
      (attribute) => attribute.prefix !== '' && attribute.prefix !== 'xml' && !isDeclaration(attribute),
    );
    if (foreign !== undefined) return `The attribute "${foreign.name}" is not one of XHTML.`;
    if (this.rewritten !== undefined) this.rewritten += this.rewrittenTag(tag, attributes);
    else if (tag.prefix !== '' || !attributes.filter(isDeclaration).every(isPlainDeclaration)) {
      return `<${tag.name}> must not use or declare other namespaces, as the <div> has none.`;
    }
    return undefined;
  }

  close(tag: SaxesTagNS): void {
    this.depth--;
    if (this.rewritten !== undefined && !tag.isSelfClosing) this.rewritten += `</${tag.local}>`;
  }

  characters(text: string): void {
    if (this.rewritten !== undefined) this.rewritten += characterText(text);
  }

  /** The XHTML, when its end tag was read. */
  finish(source: string, end: number): string {
    return this.rewritten ?? source.slice(this.start, end);
  }

  private rewrittenTag(tag: SaxesTagNS, attributes: readonly SaxesAttributeNS[]): string {
    const namespace = this.depth === 1 ? ` xmlns="${XHTML_NAMESPACE}"` : '';
    const kept = attributes
      .filter((attribute) => !isDeclaration(attribute))
      .map(({ name, value }) => ` ${name}="${attributeText(value)}"`);
    return `<${tag.local}${namespace}${kept.join('')}${tag.isSelfClosing ? '/' : ''}>`;
  }
}

function isDeclaration({ name, prefix }: SaxesAttributeNS): boolean {
  return name === 'xmlns' || prefix === 'xmlns';
}

/** The default namespace as JSON has it; a parser takes white space around it away. */
function isPlainDeclaration({ name, value }: SaxesAttributeNS): boolean {
  return name === 'xmlns' && value === XHTML_NAMESPACE;
}
