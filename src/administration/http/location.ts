import type { FastifyReply } from 'fastify';

/** Where the thing that was made is. */
export function setLocation(reply: FastifyReply, publicUrl: string, ...segments: string[]): void {
  reply.header('location', `${publicUrl}/admin/api/v1/${segments.map(encodeURIComponent).join('/')}`);
}
