import type { FastifyReply, FastifyRequest } from 'fastify';
import { answersContent, safeContentType } from '../format/binary-answer.js';
import { readBinary } from '../format/binary-content.js';
import { entityTag, httpDate } from '../format/entity-tag.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import { queryOf } from './answer-form.js';
import { sendResult } from './fhir-reply.js';
import type { FhirRequest } from './fhir-request.js';
import { addVary } from './vary.js';

/**
 * Answers a Binary with its content, or as a resource where the client asks for FHIR. What somebody has uploaded
 * is never run in the name of this server: no sniffing, no scripts, no display.
 *
 * @see https://hl7.org/fhir/R4/binary.html#rest
 * @throws FirekeepError `FHIR_NOT_ACCEPTABLE`
 */
export function sendBinary(
  request: FastifyRequest,
  reply: FastifyReply,
  { form }: FhirRequest,
  result: InteractionResult,
): FastifyReply {
  const { status, version, body } = result;
  if (body === undefined) return sendResult(reply, form, result);
  const binary = readBinary(body);
  const contentType = safeContentType(binary.contentType);
  const format = new URLSearchParams(queryOf(request.raw)).get('_format') ?? undefined;
  if (!answersContent(request.headers.accept, format, contentType)) return sendResult(reply, form, result);
  addVary(reply, 'Accept');
  if (version !== undefined) {
    void reply.header('etag', entityTag(version.version));
    void reply.header('last-modified', httpDate(version.lastUpdated));
  }
  const { securityContext } = binary;
  if (securityContext !== undefined && /^[\x21-\x7e]+$/.test(securityContext)) {
    void reply.header('x-security-context', securityContext);
  }
  return reply
    .status(status)
    .headers({
      'cache-control': 'private, no-cache',
      'content-type': contentType,
      'x-content-type-options': 'nosniff',
      'content-security-policy': 'sandbox',
      'content-disposition': 'attachment',
    })
    .send(binary.data);
}
