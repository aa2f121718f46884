import type { KoaContextWithOIDC } from 'oidc-provider';
import { inLanguage, textsFor } from '../texts/languages.js';
import type { Texts } from '../texts/texts.js';

/** Of who is in front of the browser; the context may be that of a request that failed early. */
export function textsOf(ctx: KoaContextWithOIDC): Texts {
  return textsFor(askedLanguagesOf(ctx), ctx.req.headers['accept-language']);
}

/** What the request, or the one that waits for the user, or else the page's address says that its reader reads. */
export function askedLanguagesOf(ctx: KoaContextWithOIDC): unknown {
  const { params, entities } = (ctx as { oidc?: Partial<Asking & Waiting> }).oidc ?? {};
  const asking = [{ params }, entities?.Interaction, entities?.DeviceCode];
  const { searchParams } = new URL(ctx.originalUrl, 'http://localhost');
  return (
    asking.map((one) => one?.params?.ui_locales).find((value) => value !== undefined) ??
    searchParams.get('ui_locales')
  );
}

interface Asking {
  readonly params?: { readonly ui_locales?: unknown } | undefined;
}

interface Waiting {
  readonly entities: { readonly Interaction?: Asking; readonly DeviceCode?: Asking };
}

/** The page at the end of signing out is in the language of the one before. */
export function keepLanguage(ctx: KoaContextWithOIDC): void {
  const location = ctx.response.get('Location');
  if (ctx.status !== 303 || location !== ctx.oidc.urlFor('end_session_success')) return;
  ctx.redirect(inLanguage(location, askedLanguagesOf(ctx)));
  ctx.status = 303;
}
