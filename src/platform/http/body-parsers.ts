import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { FirekeepError } from '../errors/index.js';
import { takeOutAccessToken } from './http-front.js';
import { BodyBudget, letThrough, readBody } from './request-body.js';
import { requestContext } from './request-context.js';

export interface BodyRules {
  /** Inside URLs whose routes get the bytes as they came (a form: its text without tokens). */
  readonly keepsBytes: (url: string) => boolean;
  /** Largest body of those routes, in bytes. */
  readonly bytesLimit: number;
  /** Largest body of all other routes, and of forms. */
  readonly parsedLimit: number;
  /** Bytes of bodies held at once by all requests. */
  readonly totalLimit: number;
}

const formType = 'application/x-www-form-urlencoded';

/**
 * One parser for every media type, since what becomes of a body depends on the route: bytes for FHIR, parsed
 * JSON or form for everything else. Plugins that read bodies themselves take it out of their own context.
 */
export function registerBodyParsers(fastify: FastifyInstance, rules: BodyRules): void {
  const budget = new BodyBudget(rules.totalLimit);
  const refused = new WeakSet<object>();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', async (request: FastifyRequest, payload: Readable) => {
    try {
      return await parse(request, payload);
    } catch (error) {
      refused.add(request);
      letThrough(payload, rules.totalLimit);
      throw error;
    }
  });
  // Fastify closes the connection behind a body that was refused; a proxy that is still sending it then never sees the
  // answer and makes a 502 of it. The rest is let through instead.
  fastify.addHook('onSend', (request, reply, _payload, done) => {
    if (refused.has(request)) reply.removeHeader('connection');
    done();
  });

  const parse = async (request: FastifyRequest, payload: Readable): Promise<unknown> => {
    const bytesKept = rules.keepsBytes(request.raw.url ?? '');
    const type = mediaType(request);
    const isForm = type === formType;
    const limit = bytesKept && !isForm ? rules.bytesLimit : rules.parsedLimit;
    const body = await bufferOf(request, payload, limit, budget);
    if (isForm) {
      const text = formText(request, body);
      return bytesKept ? text : parseForm(text);
    }
    if (bytesKept) return body;
    if (body.length === 0) return undefined;
    if (type === 'application/json') return parseJson(body);
    throw new FirekeepError(
      'unsupported-media-type',
      'HTTP_UNSUPPORTED_MEDIA_TYPE',
      'Send the body as application/json, with that Content-Type.',
    );
  };
}

async function bufferOf(
  request: FastifyRequest,
  payload: Readable,
  limit: number,
  budget: BodyBudget,
): Promise<Buffer> {
  let held = 0;
  const release = (): void => {
    budget.release(held);
    held = 0;
  };
  // Comes always, whether the answer was sent or the connection broke.
  request.raw.once('close', release);
  return readBody(request.raw, payload, limit, (bytes) => {
    budget.take(bytes);
    held += bytes;
  });
}

function mediaType({ headers }: FastifyRequest): string {
  return (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** The form's text; its `access_token` values go where the gate looks for them, and nowhere else. */
function formText(request: FastifyRequest, body: Buffer): string {
  const { url, tokens } = takeOutAccessToken(`?${body.toString('utf8')}`);
  requestContext(request.raw).formTokens = tokens;
  return url.slice(1);
}

/** Names that would reach into an object's prototype. */
const forbiddenNames = new Set(['__proto__', 'constructor', 'prototype']);

function parseForm(text: string): Record<string, string | string[]> {
  const form: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    if (forbiddenNames.has(name)) throw malformed('a form', `it has a field "${name}"`);
    const known = form[name];
    if (known === undefined) form[name] = value;
    else form[name] = Array.isArray(known) ? [...known, value] : [known, value];
  }
  return form;
}

function parseJson(body: Buffer): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw malformed('JSON', 'it is not UTF-8');
  }
  try {
    return JSON.parse(text, (name, value: unknown) => {
      if (forbiddenNames.has(name)) throw malformed('JSON', `it has a member "${name}"`);
      return value;
    });
  } catch (error) {
    if (error instanceof FirekeepError) throw error;
    throw malformed('JSON', 'its grammar is wrong or it is nested too deeply');
  }
}

function malformed(what: string, why: string): FirekeepError {
  return new FirekeepError('invalid', 'HTTP_MALFORMED_BODY', `The body can't be read as ${what}: ${why}.`);
}
