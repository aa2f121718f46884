import { parseResource } from './parsed-resource.js';
import { wrongShape } from './json-errors.js';
import { readResourceText } from './resource-text.js';

/** Bytes of content that fit into a resource, in base64 and with room for everything else. */
export const maximumContentBytes = 12 * 2 ** 20 - 8_192;

/** What a Binary holds. Source: FHIR R4 binary.html. */
export interface BinaryContent {
  /** As it stands in the resource; undefined: it has none. */
  readonly contentType: string | undefined;
  readonly data: Buffer;
  /** Reference of the resource that decides who may see it. */
  readonly securityContext: string | undefined;
}

/**
 * Takes the content out of a Binary.
 *
 * @param text JSON of the resource
 * @param place FHIRPath for errors
 * @throws FirekeepError `FHIR_INVALID_RESOURCE`, or what is wrong with the JSON
 */
export function readBinary(text: Buffer, place = 'Binary'): BinaryContent {
  const resource = readResourceText(text, place);
  if (resource.type !== 'Binary') throw wrongShape(`${place} must be a Binary.`, place);
  const { contentType, data, securityContext } = parseResource(resource).object;
  const reference = (securityContext as { reference?: unknown } | null | undefined)?.reference;
  return {
    contentType: typeof contentType === 'string' ? contentType : undefined,
    data: data === undefined ? Buffer.alloc(0) : bytesOf(data, `${place}.data`),
    securityContext: typeof reference === 'string' ? reference : undefined,
  };
}

function bytesOf(data: unknown, place: string): Buffer {
  const text = typeof data === 'string' ? data.replace(/\s+/g, '') : undefined;
  if (text === undefined || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw wrongShape(`${place} must be base64.`, place);
  }
  return Buffer.from(text, 'base64');
}

/** The JSON of a Binary around bytes, without an id. */
export function binaryText({ contentType, data, securityContext }: BinaryContent, id?: string): Buffer {
  const head = {
    resourceType: 'Binary',
    ...(id === undefined ? {} : { id }),
    contentType: contentType ?? 'application/octet-stream',
    ...(securityContext === undefined ? {} : { securityContext: { reference: securityContext } }),
  };
  const open = JSON.stringify(head).slice(0, -1);
  // An empty string is no value in FHIR.
  return Buffer.from(data.length === 0 ? `${open}}` : `${open},"data":"${data.toString('base64')}"}`);
}
