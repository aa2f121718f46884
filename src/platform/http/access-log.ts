import type { FastifyReply, FastifyRequest } from 'fastify';
import { requestContext } from './request-context.js';
import type { Logger } from '../logging/index.js';

/**
 * One line a request, without query and body: a search's parameters are clinical data, and what a client puts
 * into a URL may be a secret.
 */
export function accessLog(logger: Logger) {
  return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    const { requestId, url } = requestContext(request.raw);
    logger.info('request', {
      requestId,
      method: request.method,
      path: url.split('?', 1)[0],
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      address: request.ip,
    });
    done();
  };
}
