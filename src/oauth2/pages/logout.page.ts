import { markup, trusted } from '../texts/markup.js';
import type { Page } from './page.js';
import type { Texts } from '../texts/texts.js';

/**
 * Asks before it signs out, so that a foreign page can't do it.
 *
 * @param form of the protocol engine, with its token against forgery and the id `op.logoutForm`.
 */
export function logoutPage(form: string, clientName: string | undefined, texts: Texts): Page {
  const title = texts.plain('logout.title');
  const who =
    clientName === undefined ? texts.say('logout.you') : texts.say('logout.client', { client: clientName });
  return {
    texts,
    title,
    body: markup`<h1>${title}</h1>
<p>${who}</p>
<p class="soft">${texts.say('logout.ends')}</p>
${trusted(form)}
<div class="actions">
<button class="main" type="submit" form="op.logoutForm" name="logout" value="yes">${texts.say('logout.yes')}</button>
<button type="submit" form="op.logoutForm">${texts.say('logout.no')}</button>
</div>`,
  };
}

/** @param nobody whether nobody was signed in */
export function signedOutPage(texts: Texts, nobody = false): Page {
  const title = texts.plain(nobody ? 'logout.nobody' : 'logout.done');
  return {
    texts,
    title,
    body: markup`<h1>${title}</h1>
<p>${texts.say('logout.done.text')}</p>`,
  };
}
