import type { FastifyReply } from 'fastify';
import type { Page } from '../pages/page.js';
import type { Pages } from '../theme/themed-pages.js';
import type { SignInOutcome } from './password-sign-in.js';

/** The login page again, after a form that let nobody in. */
export function sendLogin(
  pages: Pages,
  reply: FastifyReply,
  { status, problem }: Extract<SignInOutcome, { ok: false }>,
  page: Page,
): unknown {
  if ('seconds' in problem) reply.header('retry-after', String(Math.ceil(problem.seconds)));
  return pages.send(reply, status, page);
}
