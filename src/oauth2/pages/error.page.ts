import { markup } from '../texts/markup.js';
import type { Page } from './page.js';
import type { Texts } from '../texts/texts.js';

/** What went wrong, for the person in front of the browser; what the server says of it is in English. */
export function errorPage(
  error: { readonly error?: string | undefined; readonly error_description?: string | undefined },
  texts: Texts,
): Page {
  const code = error.error ?? 'server_error';
  const details =
    error.error_description === undefined
      ? undefined
      : markup`<dt>${texts.say('error.details')}</dt><dd lang="en">${error.error_description}</dd>`;
  const title = texts.plain('error.title');
  return {
    texts,
    title,
    body: markup`<h1>${title}</h1>
<p>${texts.say(texts.find(`error.${code}`) ?? 'error.other')}</p>
<p>${texts.say('error.remedy')}</p>
<dl>
<dt>${texts.say('error.code')}</dt><dd><code>${code}</code></dd>
${details}
</dl>`,
  };
}
