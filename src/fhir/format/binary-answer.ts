import { FirekeepError } from '../../platform/errors/index.js';
import { mediaRanges, mediaTypeOf, type MediaRange } from './media-type.js';

/** Media types that ask for a resource and for nothing else. */
const fhirTypes: ReadonlySet<string> = new Set([
  'application/fhir+json',
  'application/fhir+xml',
  'application/json+fhir',
  'application/xml+fhir',
]);
const genericTypes: ReadonlySet<string> = new Set([
  'application/json',
  'application/xml',
  'text/json',
  'text/xml',
  'application/*',
]);

/**
 * Whether a Binary is answered with its content: always, unless the client asks for FHIR in so many words.
 * Source: FHIR R4 binary.html#rest.
 *
 * @param contentType of the content
 * @throws FirekeepError `FHIR_NOT_ACCEPTABLE` where the client takes neither
 */
export function answersContent(
  accept: string | undefined,
  format: string | undefined,
  contentType: string,
): boolean {
  if (format !== undefined && format !== '') return false;
  if (accept === undefined || accept.trim() === '') return true;
  const ranges = mediaRanges(accept);
  const asResource = bestQuality(ranges, ({ type }) => fhirTypes.has(type));
  const asContent = contentQuality(ranges, mediaTypeOf(contentType));
  if (asResource > 0 && asResource >= asContent) return false;
  if (asContent > 0) return true;
  if (bestQuality(ranges, ({ type }) => genericTypes.has(type)) > 0) return false;
  throw new FirekeepError(
    'not-acceptable',
    'FHIR_NOT_ACCEPTABLE',
    `The content is ${contentType.slice(0, 100)}. Ask for that, or for application/fhir+json, in Accept.`,
  );
}

function bestQuality(ranges: readonly MediaRange[], test: (range: MediaRange) => boolean): number {
  return Math.max(0, ...ranges.filter(test).map(({ quality }) => quality));
}

/** Of several ranges the most exact one counts. Source: RFC 9110 section 12.5.1. */
function contentQuality(ranges: readonly MediaRange[], type: string): number {
  const group = `${type.split('/', 1)[0] ?? ''}/*`;
  for (const wanted of [type, group, '*/*']) {
    const found = ranges.filter((range) => range.type === wanted);
    if (found.length > 0) return bestQuality(found, () => true);
  }
  return 0;
}

const mediaTypeShape =
  /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}(?:\s*;\s*[\w!#$&^.+-]+=(?:[\w!#$&^.+:/-]+|"[\w !#$&'()*+,./:;<=>?@[\]^`{|}~-]*"))*$/;

/** The Content-Type of a Binary's content; what isn't a media type would break the header. */
export function safeContentType(contentType: string | undefined): string {
  const text = contentType?.trim() ?? '';
  return text.length <= 255 && mediaTypeShape.test(text) ? text : 'application/octet-stream';
}
