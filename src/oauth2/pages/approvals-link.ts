import { markup, type Markup } from '../texts/markup.js';
import type { Texts } from '../texts/texts.js';

/** Leads to what a person has allowed, by the title of that page. */
export function approvalsLink(view: { readonly texts: Texts; readonly approvals: string }): Markup {
  return markup`<a href="${view.approvals}">${view.texts.say('approvals.title')}</a>`;
}
