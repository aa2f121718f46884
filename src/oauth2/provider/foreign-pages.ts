import type { KoaContextWithOIDC } from 'oidc-provider';
import { trusted } from '../texts/markup.js';
import { signedOutPage } from '../pages/logout.page.js';
import { passagePage } from '../pages/passage.page.js';
import type { Pages } from '../theme/themed-pages.js';
import { textsOf } from './engine-language.js';

/**
 * The engine has pages of its own that no setting replaces: forms that send themselves, on the way to a client
 * (form_post), from one user to another, and where nobody is signed in who could sign out. People see ours instead.
 */
export async function replaceForeignPage(ctx: KoaContextWithOIDC, pages: Pages): Promise<void> {
  if (!pages.isForeign(ctx)) return;
  if (ctx.oidc.route === 'end_session') {
    await nobodyToSignOut(ctx, pages);
    return;
  }
  const { oidc } = ctx;
  const { status } = ctx;
  const [, action] = /<form method="post" action="([^"]*)">/.exec(ctx.body as string) ?? [];
  const inputs = (ctx.body as string).match(/<input type="hidden" name="[^"]*" value="[^"]*"\/>/g) ?? [];
  if (action === undefined) throw new Error('the engine has a page that is not known');
  const isChange = oidc.entities.Interaction !== undefined && ctx.method === 'GET' && isToConfirm(action);
  const page = passagePage({
    texts: textsOf(ctx),
    // Escaped by the engine, which wrote them.
    ...{ action: trusted(action), inputs: trusted(inputs.join('')) },
    clientName: isChange ? undefined : oidc.client?.clientName,
  });
  const formTargets = [
    (ctx.state as { formTarget?: unknown }).formTarget,
    oidc.entities.Interaction?.params.redirect_uri,
  ];
  pages.answer(ctx, { ...page, formTargets });
  ctx.status = status;
}

function isToConfirm(action: string): boolean {
  return action.endsWith('/logout/confirm');
}

/** Nothing to ask, and nothing to keep: the session that the engine began for its form goes with it. */
async function nobodyToSignOut(ctx: KoaContextWithOIDC, pages: Pages): Promise<void> {
  const { session, params } = ctx.oidc;
  if ((session as { new?: boolean } | undefined)?.new === true) {
    await session?.destroy();
    ctx.remove('Set-Cookie');
  }
  // Checked against the registration before the engine came here.
  const { post_logout_redirect_uri: target, state } = params ?? {};
  if (typeof target !== 'string') {
    pages.answer(ctx, signedOutPage(textsOf(ctx), true));
    return;
  }
  const address = new URL(target);
  if (typeof state === 'string') address.searchParams.set('state', state);
  ctx.body = '';
  ctx.redirect(address.href);
  ctx.status = 303;
}
