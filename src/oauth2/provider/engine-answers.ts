import type { KoaContextWithOIDC } from 'oidc-provider';
import { toFirekeepError } from '../../platform/http/index.js';
import { errorPage } from '../pages/error.page.js';
import type { Pages } from '../theme/themed-pages.js';
import { devicePath } from './device-flow.js';
import { textsOf } from './engine-language.js';
import { proofKeyProblem } from './proof-key.rule.js';

const methods: Readonly<Record<string, readonly string[]>> = {
  '/authorize': ['GET', 'POST'],
  '/par': ['POST'],
  '/device_authorization': ['POST'],
  [devicePath]: ['GET', 'POST'],
  '/token': ['POST'],
  '/introspection': ['POST'],
  '/revocation': ['POST'],
  '/jwks': ['GET'],
  '/logout': ['GET', 'POST'],
  '/register': ['POST'],
  '/userinfo': ['GET', 'POST'],
  '/.well-known/openid-configuration': ['GET'],
  '/.well-known/oauth-authorization-server': ['GET'],
};

/** What the engine is not to be asked. @returns true where it was answered. */
export function refuseAddress(ctx: KoaContextWithOIDC, pages: Pages): boolean {
  const { path } = ctx;
  if (isStep(path)) return false;
  // The engine takes paths in any case; one spelling keeps every check in one place.
  const allowed = methods[path.replace(/(?<=.)\/$/, '')];
  if (allowed === undefined) {
    notFound(ctx, pages);
    return true;
  }
  if (['HEAD', 'OPTIONS', ...allowed].includes(ctx.method)) return false;
  ctx.status = 405;
  ctx.set('Allow', allowed.join(', '));
  refuse(ctx, pages, `use ${allowed.join(' or ')}`);
  return true;
}

/** A proof of possession that costs too much to look at. @returns true where it was answered. */
export function refuseProof(ctx: KoaContextWithOIDC): boolean {
  const proof = ctx.get('DPoP');
  const problem = proof === '' ? undefined : proofKeyProblem(proof);
  if (problem === undefined) return false;
  ctx.status = 400;
  ctx.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
  ctx.body = { error: 'invalid_dpop_proof', error_description: problem };
  return true;
}

/** What the engine itself leads to: back from an interaction, and through signing out. */
function isStep(path: string): boolean {
  return (
    /^\/(authorize|device)\/[\w-]+$/.test(path) || path === '/logout/confirm' || path === '/logout/success'
  );
}

export function notFound(ctx: KoaContextWithOIDC, pages: Pages): void {
  ctx.status = 404;
  refuse(ctx, pages, 'nothing is at this address');
}

/** A page for people, JSON for programs. */
function refuse(ctx: KoaContextWithOIDC, pages: Pages, description: string): void {
  const body = { error: 'invalid_request', error_description: description };
  if (ctx.accepts('json', 'html') === 'html') pages.answer(ctx, errorPage(body, textsOf(ctx)));
  else ctx.body = body;
}

/** The engine answers 500 for whatever it does not know; without its database it is a 503 that passes. */
export function answerWhereUnavailable(ctx: KoaContextWithOIDC, thrown: unknown): void {
  const { category, message, retryAfter } = toFirekeepError(thrown);
  if (category !== 'unavailable' || ctx.status !== 500) return;
  ctx.status = 503;
  if (retryAfter !== undefined) ctx.set('Retry-After', String(Math.ceil(retryAfter)));
  if (ctx.response.is('json')) ctx.body = { error: 'temporarily_unavailable', error_description: message };
}

/** What the engine calls the failures of the endpoints at which clients authenticate. */
export const errorsByClients = [
  'grant.error',
  'introspection.error',
  'revocation.error',
  'device_authorization.error',
  'pushed_authorization_request.error',
];

/** Of an error that `translated` made of one which passes with time. */
export function tellWhenToRetry(ctx: KoaContextWithOIDC, error: { readonly retryAfter?: unknown }): void {
  if (typeof error.retryAfter === 'number') ctx.set('Retry-After', String(Math.ceil(error.retryAfter)));
}
