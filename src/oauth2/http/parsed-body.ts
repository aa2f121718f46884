import { IncomingMessage } from 'node:http';
import { FirekeepError } from '../../platform/errors/index.js';
import { letThrough, readBody } from '../../platform/http/index.js';

const formType = 'application/x-www-form-urlencoded';
/** Bytes of a body that was refused which are taken in before the connection is cut, so that the answer is read. */
const mostLetThrough = 1024 * 1024;

/** @throws FirekeepError 415 `OAUTH2_MEDIA_TYPE` where the body is no form, and as `readBody` */
export async function readForm(request: IncomingMessage, limit = 56 * 1024): Promise<URLSearchParams> {
  if (mediaType(request) !== formType) {
    throw new FirekeepError('unsupported-media-type', 'OAUTH2_MEDIA_TYPE', `Send ${formType}.`);
  }
  return new URLSearchParams(await textOf(request, limit));
}

/** @throws FirekeepError 400 `OAUTH2_MALFORMED_JSON`, 415 `OAUTH2_MEDIA_TYPE`, and as `readBody` */
export async function readJsonObject(
  request: IncomingMessage,
  limit = 64 * 1024,
): Promise<Readonly<Record<string, unknown>>> {
  if (mediaType(request) !== 'application/json') {
    throw new FirekeepError('unsupported-media-type', 'OAUTH2_MEDIA_TYPE', 'Send application/json.');
  }
  const text = await textOf(request, limit);
  let value: unknown;
  try {
    value = JSON.parse(text, (name, member: unknown) => {
      if (name === '__proto__') throw new SyntaxError(name);
      return member;
    });
  } catch {
    throw new FirekeepError(
      'invalid',
      'OAUTH2_MALFORMED_JSON',
      'The body is not well-formed JSON, or has a member __proto__.',
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FirekeepError('invalid', 'OAUTH2_MALFORMED_JSON', 'The body must be a JSON object.');
  }
  return value as Record<string, unknown>;
}

/** The same request with another form in its body, for an engine that reads the body itself. */
export function withForm(request: IncomingMessage, form: URLSearchParams): IncomingMessage {
  const body = Buffer.from(form.toString());
  const { 'transfer-encoding': _chunked, 'content-encoding': _packed, ...headers } = request.headers;
  const { method, url, httpVersion, httpVersionMajor, httpVersionMinor } = request;
  const copy = Object.assign(new IncomingMessage(request.socket), {
    ...{ method, url, httpVersion, httpVersionMajor, httpVersionMinor },
    headers: { ...headers, 'content-length': String(body.length), 'content-type': formType },
    // There is nothing to come from the socket any more.
    complete: true,
  });
  copy.push(body);
  copy.push(null);
  return copy;
}

export function isForm(request: IncomingMessage): boolean {
  return mediaType(request) === formType;
}

async function textOf(request: IncomingMessage, limit: number): Promise<string> {
  try {
    return (await readBody(request, request, limit)).toString('utf8');
  } catch (error) {
    letThrough(request, mostLetThrough);
    throw error;
  }
}

function mediaType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}
