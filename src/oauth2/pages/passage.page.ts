import { markup, type Markup } from '../texts/markup.js';
import type { Page } from './page.js';
import type { Texts } from '../texts/texts.js';

export interface PassageView {
  readonly texts: Texts;
  /** Address that the form is sent to, escaped. */
  readonly action: Markup;
  readonly inputs: Markup;
  /** Where it leads; undefined: on in this server, behind the end of another user's session. */
  readonly clientName: string | undefined;
}

/** Leads on by a form, which sends itself where there is script. */
export function passagePage({ texts, action, inputs, clientName }: PassageView): Page {
  const title = texts.plain('passage.title');
  return {
    texts,
    title,
    sendsItself: true,
    body: markup`<h1>${title}</h1>
<p>${clientName === undefined ? texts.say('passage.change') : texts.say('passage.client', { client: markup`<strong>${clientName}</strong>` })}</p>
<form method="post" action="${action}">
${inputs}
<div class="actions"><button class="main" type="submit" autofocus>${texts.say('passage.continue')}</button></div>
</form>`,
  };
}
