import { markup, type Markup } from '../texts/markup.js';
import type { Page } from './page.js';
import type { Texts } from '../texts/texts.js';

export interface LaunchRefusedView {
  readonly texts: Texts;
  readonly action: string;
  readonly csrf: string;
  readonly clientName: string;
  readonly username: string;
  readonly reason: LaunchRefusal;
  /** Where the user signs out here. */
  readonly signOut: string;
  readonly formTargets: readonly unknown[];
}

/** Why an app can't be let in with the context that it was launched in, or needs. */
export type LaunchRefusal =
  'unknown' | 'used' | 'expired' | 'user' | 'client' | 'endpoint' | 'patient' | 'encounter' | 'no-patient';

/** Explains why the launch ends here, and leads back to the app. */
export function launchRefusedPage({ reason, texts, ...view }: LaunchRefusedView): Page {
  const title = texts.plain('launch.title');
  return {
    texts,
    title,
    formTargets: view.formTargets,
    body: markup`<h1>${title}</h1>
<p role="alert">${texts.say(`launch.${reason}`)}</p>
<p>${remedyOf(reason, view.signOut, texts)}</p>
<dl>
<dt>${texts.say('launch.signedIn')}</dt><dd>${view.username}</dd>
<dt>${texts.say('launch.application')}</dt><dd>${view.clientName}</dd>
</dl>
<form method="post" action="${view.action}">
<input type="hidden" name="csrf" value="${view.csrf}">
<input type="hidden" name="step" value="launch">
<div class="actions">
<button class="main" type="submit" name="decision" value="cancel">${texts.say('launch.back', { client: view.clientName })}</button>
</div>
</form>`,
  };
}

function remedyOf(reason: LaunchRefusal, address: string, texts: Texts): Markup {
  if (reason === 'user') {
    const signOut = markup`<a href="${address}">${texts.say('launch.another.signOut')}</a>`;
    return texts.say('launch.another', { signOut });
  }
  const needsAccess = ['patient', 'encounter', 'no-patient'].includes(reason);
  return texts.say(needsAccess ? 'launch.ask' : 'launch.again');
}
