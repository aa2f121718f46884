import type { FastifyReply, FastifyRequest } from 'fastify';
import { FirekeepError } from '../errors/index.js';

/** How often a header was sent: Node gives the first one of those that must not be repeated. `name` in lower case. */
export function timesSent(rawHeaders: readonly string[], name: string): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const sent = rawHeaders[index];
    if (sent?.length === name.length && sent.toLowerCase() === name) count += 1;
  }
  return count;
}

/**
 * Fastify `onRequest` hook: what stands in front of this server may have gone by the other one of two headers.
 *
 * @throws FirekeepError HTTP_REPEATED_HEADER; RFC 9112 section 3.2 for Host.
 */
export function refuseRepeated(...names: readonly string[]) {
  return ({ raw }: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void => {
    const repeated = names.find((name) => timesSent(raw.rawHeaders, name) > 1);
    if (repeated === undefined) done();
    else done(new FirekeepError('invalid', 'HTTP_REPEATED_HEADER', `Send the header ${repeated} once.`));
  };
}
