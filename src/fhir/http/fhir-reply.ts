import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { FirekeepError } from '../../platform/errors/index.js';
import { answerText } from '../format/answer-text.js';
import { formatOf } from '../format/media-type.js';
import { entityTag, httpDate } from '../format/entity-tag.js';
import { writtenText } from '../bundles/entry-answer.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import { collected } from '../exchange/collected-result.js';
import { subsetResult } from '../exchange/subset-result.js';
import type { AnswerForm } from './answer-form.js';
import type { FhirRequest } from './fhir-request.js';
import { addVary } from './vary.js';

/** Puts the result of an interaction into HTTP. Source: FHIR R4 http.html#general. */
export function sendResult(reply: FastifyReply, form: AnswerForm, result: InteractionResult): FastifyReply {
  const { body } = subsetResult(result, form.subset);
  const text = body === undefined ? undefined : answerText(body, form);
  return send(reply, form, result, text);
}

/**
 * Sends an answer that is made in parts as they come, where its form lets them be; else once it is whole. What fails before
 * the first part is an error as any other; behind it the connection ends, so that no client takes a part for all.
 */
export async function sendStreamed(
  reply: FastifyReply,
  form: AnswerForm,
  result: InteractionResult,
): Promise<FastifyReply> {
  const { stream } = result;
  const isAsMade = formatOf(form.type) === 'json' && !form.pretty && form.subset === undefined;
  if (stream === undefined || !isAsMade) return sendResult(reply, form, await collected(result));
  const parts = stream[Symbol.asyncIterator]();
  const first = await parts.next();
  if (first.done === true || reply.request.method === 'HEAD') {
    await parts.return?.();
    return send(reply, form, result, Readable.from([]));
  }
  return send(reply, form, result, Readable.from(startingWith(first.value, parts), { objectMode: false }));
}

async function* startingWith(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield first;
    for (let part = await rest.next(); part.done !== true; part = await rest.next()) yield part.value;
  } finally {
    // The client has gone, or all was sent.
    await rest.return?.();
  }
}

/** Texts of bodies that are kept and sent many times. */
const lasting = new WeakMap<Buffer, Map<string, Buffer>>();

/** Sends a body that stays the same object as long as it holds: its other forms are made once. */
export function sendLasting(reply: FastifyReply, form: AnswerForm, result: InteractionResult): FastifyReply {
  const { body } = result;
  if (body === undefined || form.subset !== undefined) return sendResult(reply, form, result);
  const known = lasting.get(body) ?? new Map<string, Buffer>();
  lasting.set(body, known);
  const key = `${formatOf(form.type)} ${form.pretty}`;
  const text = known.get(key) ?? Buffer.from(answerText(body, form));
  known.set(key, text);
  return send(reply, form, result, text);
}

/**
 * The answer to what has been written already: where it has no form in XML, JSON is sent, since an error
 * would say that nothing was written.
 */
export function sendCommitted(
  reply: FastifyReply,
  form: AnswerForm,
  result: InteractionResult,
): FastifyReply {
  try {
    return sendResult(reply, { ...form, subset: undefined }, result);
  } catch (thrown) {
    if (!(thrown instanceof FirekeepError) || thrown.category !== 'not-acceptable') throw thrown;
    return sendResult(reply, { ...form, type: 'application/fhir+json', subset: undefined }, result);
  }
}

/**
 * The answer to a write: what `Prefer` asks for, the resource by default.
 * Source: FHIR R4 http.html#ops.
 */
export function sendWritten(
  reply: FastifyReply,
  { form, preference }: FhirRequest,
  result: InteractionResult,
): FastifyReply {
  const { status, version, body } = result;
  if (preference.return === 'OperationOutcome') {
    // A deletion that says something is answered with 200. Source: FHIR R4 http.html#delete.
    const outcome = { status: status === 204 ? 200 : status, body: Buffer.from(writtenText(result)) };
    return sendCommitted(reply, form, { ...result, ...outcome });
  }
  const withBody = body !== undefined && preference.return !== 'minimal';
  return sendCommitted(reply, form, {
    status,
    ...(version === undefined ? {} : { version }),
    ...(withBody ? { body } : {}),
  });
}

function send(
  reply: FastifyReply,
  form: AnswerForm,
  { status, version, contentLocation }: InteractionResult,
  text: Buffer | string | Readable | undefined,
): FastifyReply {
  void reply.status(status);
  addVary(reply, 'Accept');
  // A copy may be kept by the caller alone, and must be checked before it is used again.
  if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'private, no-cache');
  if (version !== undefined) {
    void reply.header('etag', entityTag(version.version));
    void reply.header('last-modified', httpDate(version.lastUpdated));
  }
  if (contentLocation !== undefined) void reply.header('content-location', contentLocation);
  if (text === undefined || status === 204 || status === 304) return reply.send();
  return reply.header('content-type', `${form.type}; charset=utf-8`).send(text);
}
