import type { FastifyReply, FastifyRequest } from 'fastify';

/** What the address of a page says that its reader reads: `ui_locales`. */
export function askedLanguages(request: FastifyRequest): unknown {
  return (request.query as Readonly<Record<string, unknown>>).ui_locales;
}

/** Leads from a form to the next page, which is got and not posted to. */
export function goOn(reply: FastifyReply, address: string): unknown {
  return reply.header('cache-control', 'no-store').redirect(address, 303);
}
