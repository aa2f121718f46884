import type { FastifyReply } from 'fastify';

/** Adds a request header to those on which the answer depends. Source: RFC 9110 section 12.5.5. */
export function addVary(reply: FastifyReply, name: string): void {
  const known = reply.getHeader('vary');
  if (known === undefined) void reply.header('vary', name);
  else if (!String(known).split(', ').includes(name)) void reply.header('vary', `${String(known)}, ${name}`);
}
