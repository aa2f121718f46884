/** Elements that may stand in the middle of a word. */
const inline = new Set(
  'a abbr acronym b big bdo cite code dfn em font i ins del kbd q s samp small span strike strong sub sup tt u var'.split(
    ' ',
  ),
);
const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};
const REFERENCE = /&(#x[0-9A-Fa-f]{1,6}|#[0-9]{1,7}|[a-z]{2,5});/g;
const NAME = /^\/?([A-Za-z][A-Za-z0-9]{0,15})/;

/**
 * The text of XHTML, without tags, attributes and comments. It is read once from end to end; whatever is not
 * well-formed gives some text, since what is stored may not have been checked.
 */
export function narrativeWords(xhtml: string): string {
  const parts: string[] = [];
  for (let at = 0; at < xhtml.length;) {
    const open = xhtml.indexOf('<', at);
    if (open === -1) {
      parts.push(xhtml.slice(at));
      break;
    }
    parts.push(xhtml.slice(at, open));
    const end = endOfTag(xhtml, open);
    const name = NAME.exec(xhtml.slice(open + 1, Math.min(end, open + 20)))?.[1]?.toLowerCase();
    if (name === undefined || !inline.has(name)) parts.push(' ');
    at = end;
  }
  const text = parts.join('');
  return text.includes('&') ? text.replace(REFERENCE, character) : text;
}

/** Behind the tag or comment that starts here; the end of the text where it has no end. */
function endOfTag(xhtml: string, open: number): number {
  if (xhtml.startsWith('<!--', open)) {
    const end = xhtml.indexOf('-->', open + 4);
    return end === -1 ? xhtml.length : end + 3;
  }
  let quote = '';
  for (let at = open + 1; at < xhtml.length; at++) {
    const one = xhtml[at] ?? '';
    if (quote !== '') {
      if (one === quote) quote = '';
    } else if (one === '"' || one === "'") quote = one;
    else if (one === '>') return at + 1;
  }
  return xhtml.length;
}

function character(reference: string, body: string): string {
  if (!body.startsWith('#')) return named[body] ?? reference;
  const code = body.startsWith('#x') ? parseInt(body.slice(2), 16) : Number(body.slice(1));
  return code <= 0x10ffff ? String.fromCodePoint(code) : '';
}
