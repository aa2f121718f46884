import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SignInOutcome } from './password-sign-in.js';
import type { Pages } from '../theme/themed-pages.js';
import type { Page } from '../pages/page.js';

export function goOn(reply: FastifyReply, address: string): unknown {
  return reply.header('cache-control', 'no-store').redirect(address, 303);
}

/** What the address of a page says that its reader reads: `ui_locales`. */
export function askedLanguages(request: FastifyRequest): unknown {
  return (request.query as Readonly<Record<string, unknown>>).ui_locales;
}

/** The login page again, after a form that let nobody in. */
export function sendLogin(
  pages: Pages,
  reply: FastifyReply,
  { status, problem }: Extract<SignInOutcome, { ok: false }>,
  page: Page,
): unknown {
  if (problem.kind === 'throttled') reply.header('retry-after', String(Math.ceil(problem.seconds)));
  return pages.send(reply, status, page);
}
