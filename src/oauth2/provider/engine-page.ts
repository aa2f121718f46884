import type { KoaContextWithOIDC } from 'oidc-provider';
import { textsFor } from '../authorize/pages/texts/languages.js';
import type { Texts } from '../authorize/pages/texts/texts.js';

/** Of who is in front of the browser; the context may be that of a request that failed early. */
export function textsOf(ctx: KoaContextWithOIDC): Texts {
  const { oidc } = ctx as { oidc?: { params?: { ui_locales?: unknown } } };
  return textsFor(oidc?.params?.ui_locales, ctx.req.headers['accept-language']);
}
