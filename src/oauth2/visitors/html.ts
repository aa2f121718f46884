import { markup, type Markup } from '../texts/markup.js';

/** Markup that is safe to send; made by the tag `html` only. */
export type Html = Markup;

/**
 * Template tag of pages: every value is escaped for text and for attributes in quotes, save what this tag has made.
 *
 * @example html`<p title="${title}">${name}</p>`
 */
export const html: (parts: TemplateStringsArray, ...values: readonly HtmlValue[]) => Html = markup;

type HtmlValue = string | number | Html | readonly Html[] | undefined;
