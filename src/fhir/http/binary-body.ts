import type { IncomingHttpHeaders } from 'node:http';
import { FirekeepError } from '../../platform/errors/index.js';
import { binaryText, maximumContentBytes } from '../format/binary-content.js';
import { wrongShape } from '../format/json-errors.js';
import { findBodyFormat } from '../format/media-type.js';
import { readResourceText } from '../format/resource-text.js';

const securityContextShape = /^(?:https?:\/\/[^\s"<>]{1,1000}\/)?[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9\-.]{1,64}$/;
const longestContentType = 255;

/**
 * The Binary that a request to write one means: the body as it is, whatever its type, unless the body is a Binary
 * already.
 *
 * @see https://hl7.org/fhir/R4/binary.html#rest
 * @param body text of a form, or bytes
 * @param id of the address; absent: the server gives one
 * @returns JSON of the resource; undefined: the body is the resource
 * @throws FirekeepError 400 for a header that can't be stored, 413 for more than a Binary holds
 */
export function binaryAround(
  body: Buffer | string | undefined,
  headers: IncomingHttpHeaders,
  id?: string,
): Buffer | undefined {
  const contentType = headers['content-type'];
  const data = typeof body === 'string' ? Buffer.from(body) : (body ?? Buffer.alloc(0));
  if (isBinaryResource(data, contentType)) return undefined;
  if (data.length > maximumContentBytes) {
    throw new FirekeepError(
      'too-large',
      'FHIR_RESOURCE_TOO_LARGE',
      `The content has ${data.length} bytes; a Binary holds ${maximumContentBytes}.`,
    );
  }
  if (contentType !== undefined && contentType.length > longestContentType) {
    throw wrongShape(`The Content-Type has more than ${longestContentType} characters.`);
  }
  return binaryText({ contentType, data, securityContext: securityContextOf(headers) }, id);
}

/** Source: FHIR R4 binary.html#security-context. */
function securityContextOf(headers: IncomingHttpHeaders): string | undefined {
  const reference = headers['x-security-context'];
  if (reference === undefined) return undefined;
  if (typeof reference === 'string' && securityContextShape.test(reference)) return reference;
  throw wrongShape('X-Security-Context must be a reference such as "Patient/17".');
}

function isBinaryResource(data: Buffer, contentType: string | undefined): boolean {
  const format = findBodyFormat(contentType);
  if (format === undefined) return false;
  return format === 'xml' ? isBinaryXml(data) : isBinaryJson(data);
}

/** JSON that is no resource, or another one, is content like any other. */
function isBinaryJson(data: Buffer): boolean {
  try {
    return readResourceText(data).type === 'Binary';
  } catch (thrown) {
    const isContent =
      thrown instanceof FirekeepError && ['FHIR_INVALID_RESOURCE', 'FHIR_JSON_LIMIT'].includes(thrown.code);
    if (isContent) return false;
    throw thrown;
  }
}

/** Bytes in which the root element must begin. */
const prologBytes = 4_096;

function isBinaryXml(data: Buffer): boolean {
  const start = data.toString('utf8', 0, prologBytes).replace(/<!--.*?-->|<\?.*?\?>/gs, '');
  const [, prefix = '', attributes = ''] =
    /^\uFEFF?\s*<(?:([\w.-]+):)?Binary(\s[^>]*)?\/?>/.exec(start) ?? [];
  const name = prefix === '' ? 'xmlns' : `xmlns:${prefix}`;
  return new RegExp(`\\s${name.replaceAll('.', '\\.')}\\s*=\\s*["']http://hl7\\.org/fhir["']`).test(
    attributes,
  );
}
