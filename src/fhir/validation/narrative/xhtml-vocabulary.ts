/**
 * Elements and attributes that a narrative may have: HTML 4.0 chapters 7 to 11 (without 9.4) and 15, without
 * what is deprecated there, and links and images. Source: FHIR R4 narrative.html, rule txt-1.
 */
const everywhere = ['id', 'class', 'style', 'title', 'lang', 'xml:lang', 'dir', 'accesskey', 'tabindex'];
const cells = ['align', 'valign', 'char', 'charoff', 'width'];
const cell = [...cells, 'abbr', 'axis', 'headers', 'scope', 'rowspan', 'colspan', 'nowrap', 'height'];

const own: Readonly<Record<string, readonly string[]>> = {
  div: ['xmlns', 'align'],
  span: [],
  address: [],
  ...Object.fromEntries(['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'p'].map((name) => [name, ['align']])),
  ...Object.fromEntries(
    ['em', 'strong', 'dfn', 'code', 'samp', 'kbd', 'var', 'cite', 'abbr', 'acronym', 'sub', 'sup', 'bdo'].map(
      (name) => [name, []],
    ),
  ),
  ...Object.fromEntries(['tt', 'i', 'b', 'big', 'small'].map((name) => [name, []])),
  blockquote: ['cite'],
  q: ['cite'],
  br: ['clear'],
  hr: ['align', 'noshade', 'size', 'width'],
  pre: ['width', 'space', 'xml:space'],
  ul: ['type', 'compact'],
  ol: ['type', 'start', 'compact'],
  li: ['type', 'value'],
  dl: ['compact'],
  dt: [],
  dd: [],
  table: ['summary', 'width', 'border', 'frame', 'rules', 'cellspacing', 'cellpadding', 'align', 'bgcolor'],
  caption: ['align'],
  colgroup: [...cells, 'span'],
  col: [...cells, 'span'],
  thead: cells,
  tbody: cells,
  tfoot: cells,
  tr: [...cells, 'bgcolor'],
  th: [...cell, 'bgcolor'],
  td: [...cell, 'bgcolor'],
  a: ['href', 'name', 'charset', 'type', 'hreflang', 'rel', 'rev', 'shape', 'coords'],
  img: [
    'src',
    'alt',
    'longdesc',
    'height',
    'width',
    'usemap',
    'ismap',
    'border',
    'align',
    'hspace',
    'vspace',
  ],
  map: ['name'],
  area: ['shape', 'coords', 'href', 'nohref', 'alt'],
};

/** Allowed attributes by allowed element. */
export const narrativeElements: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(own).map(([name, attributes]) => [name, new Set([...everywhere, ...attributes])]),
);

/** Attributes with an address. */
export const addressAttributes: ReadonlySet<string> = new Set(['href', 'src', 'cite', 'longdesc', 'usemap']);
