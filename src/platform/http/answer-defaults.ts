import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Fastify `onRequest` hook: headers of every answer that sets none of its own. A browser that shows what is meant for
 * programs, such as a narrative in XML, runs nothing of it and treats it as a site of its own.
 */
export function answerDefaults(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  reply.headers({
    'x-request-id': request.id,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  });
  done();
}
