import type { FastifyReply } from 'fastify';
import type { SignInOutcome } from './password-sign-in.js';
import { contentSecurityPolicy, renderPage, type Page } from './pages/page.js';

export function goOn(reply: FastifyReply, address: string): unknown {
  return reply.header('cache-control', 'no-store').redirect(address, 303);
}

export function send(reply: FastifyReply, status: number, page: Page): unknown {
  return reply
    .status(status)
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': contentSecurityPolicy(page.formTargets),
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    .send(renderPage(page));
}

/** The login page again, after a form that let nobody in. */
export function sendLogin(
  reply: FastifyReply,
  { status, problem }: Extract<SignInOutcome, { ok: false }>,
  page: Page,
): unknown {
  if (problem.kind === 'throttled') reply.header('retry-after', String(Math.ceil(problem.seconds)));
  return send(reply, status, page);
}
