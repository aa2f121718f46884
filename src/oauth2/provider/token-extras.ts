import type { KoaContextWithOIDC } from 'oidc-provider';
import { launchContextOf } from '../launch/launch-context.js';

/** The context goes beside the token, as the token itself carries it; at each refresh again. */
export function tellContext(ctx: KoaContextWithOIDC): void {
  const { extra } = (ctx.oidc.entities.AccessToken ?? {}) as { extra?: Readonly<Record<string, unknown>> };
  if (extra !== undefined) ctx.body = { ...(ctx.body as object), ...launchContextOf(extra) };
}
