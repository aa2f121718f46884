import { markup, type Markup } from '../texts/markup.js';
import type { Texts } from '../texts/texts.js';

/** Of a client that registered itself. */
export function unverifiedNote(texts: Texts): Markup {
  return markup`<p class="note"><strong>${texts.say('consent.unverified')}</strong> ${texts.say('consent.unverified.text')}</p>`;
}
