import { markup, type Markup } from '../texts/markup.js';
import type { Page } from './page.js';
import type { Texts } from '../texts/texts.js';

/** In front of a page that isn't this program's own. */
export interface Reader {
  readonly texts: Texts;
  readonly username: string;
  readonly signOut: string;
}

interface Content {
  readonly title: string;
  readonly body: Markup;
  readonly language?: string;
}

/** A page that an extension has written, with who is signed in below. */
export function extensionPage({ title, body, language = 'en' }: Content, reader: Reader): Page {
  return {
    texts: reader.texts,
    ...{ title, language },
    body: markup`<h1>${title}</h1>
${body}
${signedInAs(reader)}`,
  };
}

/** Says that a page is for administrators. */
export function notForYouPage(reader: Reader): Page {
  const { texts } = reader;
  const title = texts.plain('notForYou.title');
  return {
    texts,
    title,
    body: markup`<h1>${title}</h1>
<p>${texts.say('notForYou.text')}</p>
${signedInAs(reader)}`,
  };
}

function signedInAs({ texts, username, signOut }: Reader): Markup {
  const user = texts.say('approvals.user', { username: markup`<strong>${username}</strong>` });
  return markup`<p class="reader" lang="${texts.language}">${user} <a href="${signOut}">${texts.say('approvals.signOut')}</a></p>`;
}
