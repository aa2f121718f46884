import type { KoaContextWithOIDC } from 'oidc-provider';
import { contentSecurityPolicy, renderPage, type Page } from '../authorize/pages/page.js';

/** Sends a page in the engine's name. */
export function answerPage(ctx: KoaContextWithOIDC, page: Page, formTargets: readonly unknown[] = []): void {
  ctx.type = 'html';
  ctx.body = renderPage(page);
  ctx.set('Content-Security-Policy', contentSecurityPolicy(formTargets));
}
