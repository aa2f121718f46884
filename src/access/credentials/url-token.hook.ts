import type { FastifyReply, FastifyRequest } from 'fastify';
import { requestContext } from '../../platform/http/index.js';

/**
 * Fastify `onSend` hook: nobody keeps an answer to a request with its token in the URL or the form, whatever the
 * route said, since the token would be kept with it. https://www.rfc-editor.org/rfc/rfc6750#section-2.3
 */
export function keepNothingOfUrlTokens(
  request: FastifyRequest,
  reply: FastifyReply,
  _payload: unknown,
  done: () => void,
): void {
  const { queryTokens, formTokens } = requestContext(request.raw);
  if (queryTokens.length > 0 || (formTokens !== undefined && formTokens.length > 0)) {
    reply.header('cache-control', 'private, no-store');
  }
  done();
}
