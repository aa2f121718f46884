import type { FastifyReply } from 'fastify';
import { entityTag, httpDate } from '../format/entity-tag.js';
import { indentJson } from '../format/pretty.js';
import { writtenText } from '../interactions/entry-answer.js';
import { versionUrl, type InteractionResult } from '../interactions/interaction-result.js';
import type { AnswerForm, FhirRequest } from './fhir-request.js';

/** Puts the result of an interaction into HTTP. Source: FHIR R4 http.html#general. */
export function sendResult(reply: FastifyReply, form: AnswerForm, result: InteractionResult): FastifyReply {
  const { status, version, body } = result;
  void reply.status(status);
  // A copy may be kept by the caller alone, and must be checked before it is used again.
  if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'private, no-cache');
  if (version !== undefined) {
    void reply.header('etag', entityTag(version.version));
    void reply.header('last-modified', httpDate(version.lastUpdated));
  }
  if (body === undefined || status === 204 || status === 304) return reply.send();
  void reply.header('content-type', `${form.type}; charset=utf-8`);
  return reply.send(form.pretty ? indentJson(body) : body);
}

/**
 * The answer to a write: what `Prefer` asks for, the resource by default.
 * Source: FHIR R4 http.html#ops.
 */
export function sendWritten(
  reply: FastifyReply,
  { form, preference, context }: FhirRequest,
  result: InteractionResult,
): FastifyReply {
  const { status, version, body } = result;
  if (version !== undefined && status === 201) {
    void reply.header('location', versionUrl(context.endpoint.base, version));
  }
  if (preference.return === 'OperationOutcome' && status !== 204) {
    return sendResult(reply, form, { ...result, body: Buffer.from(writtenText(result)) });
  }
  const withBody = body !== undefined && preference.return !== 'minimal';
  return sendResult(reply, form, {
    status,
    ...(version === undefined ? {} : { version }),
    ...(withBody ? { body } : {}),
  });
}
