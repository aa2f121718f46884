import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { FirekeepError } from '../../platform/errors/index.js';

const formType = 'application/x-www-form-urlencoded';

/** @throws FirekeepError 413 `OAUTH2_BODY_TOO_LARGE` */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  const chunks: Buffer[] = [];
  let length = 0;
  if (announced <= limit) {
    // Breaking off must not destroy the connection, which the answer still needs.
    const parts = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    for await (const chunk of parts) {
      length += chunk.length;
      if (length > limit) break;
      chunks.push(chunk);
    }
    if (length <= limit) return Buffer.concat(chunks, length);
  }
  throw new FirekeepError('too-large', 'OAUTH2_BODY_TOO_LARGE', `The body is larger than ${limit} bytes.`, {
    headers: { connection: 'close' },
  });
}

/** @throws FirekeepError 415 `OAUTH2_MEDIA_TYPE` where the body is no form. */
export async function readForm(request: IncomingMessage, limit = 56 * 1024): Promise<URLSearchParams> {
  if (mediaType(request) !== formType) {
    throw new FirekeepError('unsupported-media-type', 'OAUTH2_MEDIA_TYPE', `Send ${formType}.`);
  }
  return new URLSearchParams((await readBody(request, limit)).toString('utf8'));
}

/** @throws FirekeepError 400 `OAUTH2_MALFORMED_JSON`, 415 `OAUTH2_MEDIA_TYPE` */
export async function readJsonObject(
  request: IncomingMessage,
  limit = 64 * 1024,
): Promise<Readonly<Record<string, unknown>>> {
  if (mediaType(request) !== 'application/json') {
    throw new FirekeepError('unsupported-media-type', 'OAUTH2_MEDIA_TYPE', 'Send application/json.');
  }
  const text = (await readBody(request, limit)).toString('utf8');
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
  const { 'transfer-encoding': _chunked, ...headers } = request.headers;
  const { method, url, socket, httpVersion, httpVersionMajor, httpVersionMinor } = request;
  const copy = Object.assign(Readable.from([body], { objectMode: false }), {
    ...{ method, url, socket, httpVersion, httpVersionMajor, httpVersionMinor },
    headers: { ...headers, 'content-length': String(body.length), 'content-type': formType },
  });
  return copy as unknown as IncomingMessage;
}

export function isForm(request: IncomingMessage): boolean {
  return mediaType(request) === formType;
}

function mediaType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}
