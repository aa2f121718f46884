import type { FastifyReply } from 'fastify';

/** Where the thing that was made is. */
export function setLocation(reply: FastifyReply, managementUrl: string, ...segments: string[]): void {
  reply.header('location', `${managementUrl}/${segments.map(encodeURIComponent).join('/')}`);
}
