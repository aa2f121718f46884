export type ContentEncoding = 'br' | 'gzip';

/** In the order in which the server likes them. */
const encodings: readonly ContentEncoding[] = ['br', 'gzip'];

const longestHeader = 1_000;
const known = new Map<string, ContentEncoding | undefined>();

/**
 * The encoding of an answer; undefined: none, which always is acceptable to this server.
 * Source: RFC 9110 section 12.5.3.
 */
export function acceptedEncoding(header: string | string[] | undefined): ContentEncoding | undefined {
  if (header === undefined) return undefined;
  const text = String(header).slice(0, longestHeader);
  if (known.has(text)) return known.get(text);
  const found = choose(text);
  if (known.size >= 256) known.clear();
  known.set(text, found);
  return found;
}

function choose(header: string): ContentEncoding | undefined {
  const qualities = new Map(header.toLowerCase().split(',').map(parse));
  const qualityOf = (name: string): number => qualities.get(name) ?? qualities.get('*') ?? 0;
  // What is said of no encoding at all counts only where it is said.
  const identity = qualities.get('identity') ?? 0;
  const [best] = encodings
    .filter((name) => qualityOf(name) > 0 && qualityOf(name) >= identity)
    .sort((one, other) => qualityOf(other) - qualityOf(one));
  return best;
}

function parse(part: string): [name: string, quality: number] {
  const [name = '', ...parameters] = part.split(';').map((text) => text.trim());
  const weight = parameters.find((text) => text.startsWith('q='))?.slice(2);
  const quality = weight === undefined ? 1 : Number(weight);
  return [name === 'x-gzip' ? 'gzip' : name, Number.isFinite(quality) ? quality : 0];
}
