import { markup, trusted } from './markup.js';
import type { Page } from './page.js';

/**
 * Asks before it signs out, so that a foreign page can't do it.
 *
 * @param form of the protocol engine, with its token against forgery and the id `op.logoutForm`.
 */
export function logoutPage(form: string, clientName: string | undefined): Page {
  const who = clientName === undefined ? 'You are about' : `${clientName} asks you`;
  return {
    title: 'Sign out?',
    body: markup`<h1>Sign out?</h1>
<p>${who} to sign out of this server.</p>
<p class="soft">Access that an application has only while you are signed in ends now.</p>
${trusted(form)}
<div class="actions">
<button class="main" type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button>
<button type="submit" form="op.logoutForm">Stay signed in</button>
</div>`,
  };
}

export function signedOutPage(): Page {
  return {
    title: 'Done',
    body: markup`<h1>Done</h1>
<p>You can close this page.</p>`,
  };
}
