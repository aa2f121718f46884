import type { ContextDetails } from '../launch/context-details.js';
import { markup, type Markup } from '../texts/markup.js';
import type { Page } from './page.js';
import { describeScope } from './scope-description.js';
import { sessionsSection, type SessionsView } from './sessions.section.js';
import type { Texts } from '../texts/texts.js';
import { unverifiedNote } from './unverified-note.js';

/** What the last form did. */
export const outcomes = ['app', 'access', 'session', 'sessions', 'gone'] as const;
export type ApprovalsOutcome = (typeof outcomes)[number];

/** What a user approved at one time. */
export interface AccessView {
  readonly handle: string;
  readonly scopes: readonly string[];
  readonly audience: string | undefined;
  readonly context: ContextDetails;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly usedAt: number;
  readonly lasts: 'offline' | 'online' | 'token';
}

export interface ApplicationView {
  readonly clientId: string;
  readonly clientName: string;
  /** Not registered any more. */
  readonly removed: boolean;
  /** Registered itself: nobody has looked at its name. */
  readonly unverified: boolean;
  /** Hosts and schemes of its redirect URIs. */
  readonly destinations: readonly string[];
  /** How many accesses there are. */
  readonly total: number;
  /** Some of them, the newest first. */
  readonly accesses: readonly AccessView[];
}

export interface ApprovalsList {
  readonly applications: readonly ApplicationView[];
  /** From 1. */
  readonly page: number;
  readonly hasNext: boolean;
  /** Client id of the one application that is shown; undefined: all. */
  readonly only: string | undefined;
}

export interface ApprovalsView extends SessionsView {
  readonly username: string;
  readonly list: ApprovalsList;
  readonly signOut: string;
  readonly outcome: ApprovalsOutcome | undefined;
  /** Address of another part of the applications; of all where it says nothing. */
  readonly addressOf: (part: { readonly app?: string; readonly page?: number }) => string;
  readonly addressIn: (language: string) => string;
}

/** Shows what applications may do in the user's name and where the user is signed in, with a way to end each. */
export function approvalsPage(view: ApprovalsView): Page {
  const { texts, username, list, outcome } = view;
  const title = texts.plain('approvals.title');
  const user = texts.say('approvals.user', { username: markup`<strong>${username}</strong>` });
  return {
    texts,
    title,
    addressIn: view.addressIn,
    body: markup`<h1>${title}</h1>
${outcome === undefined ? undefined : markup`<p class="done" role="status">${texts.say(outcome === 'gone' ? 'approvals.gone' : `approvals.done.${outcome}`)}</p>`}
<p>${user} <a href="${view.signOut}">${texts.say('approvals.signOut')}</a></p>
<h2>${texts.say('approvals.apps')}</h2>
${list.applications.length === 0 ? nothing(texts, list) : markup`<p class="hint">${texts.say('approvals.apps.hint')}</p>`}
${list.applications.map((application, index) => applicationSection(view, application, index))}
${pages(view)}
${list.only === undefined ? sessionsSection(view) : undefined}`,
  };
}

function nothing(texts: Texts, { only }: ApprovalsList): Markup {
  return markup`<p>${texts.say(only === undefined ? 'approvals.apps.none' : 'approvals.apps.unknown')}</p>`;
}

function applicationSection(view: ApprovalsView, application: ApplicationView, index: number): Markup {
  const { texts, action, csrf } = view;
  const { clientId, clientName, accesses, total, destinations } = application;
  const id = `app-${index}`;
  const isAlone = view.list.only !== undefined;
  const all = view.addressOf({ app: clientId });
  return markup`<section class="entry" aria-labelledby="${id}">
<h3 id="${id}">${clientName}${application.removed ? markup` <span class="soft">(${texts.say('approvals.removed')})</span>` : undefined}</h3>
${application.unverified ? unverifiedNote(texts) : undefined}
${destinations.length === 0 ? undefined : markup`<p class="soft">${texts.say('approvals.destination')} ${texts.list(destinations)}</p>`}
${accesses.map((access) => accessPart(view, access, total > 1 ? id : undefined))}
${isAlone || total <= accesses.length ? undefined : markup`<p><a href="${all}">${texts.say('approvals.more', { count: total })}</a></p>`}
<form method="post" action="${action}">
<input type="hidden" name="csrf" value="${csrf}">
<input type="hidden" name="value" value="${clientId}">
<div class="actions"><button class="end" type="submit" name="end" value="app">${texts.say('approvals.end.app', { client: clientName })}</button></div>
</form>
</section>`;
}

/** @param heading id of what describes the button; undefined: there is but one access, which has none */
function accessPart(view: ApprovalsView, access: AccessView, heading: string | undefined): Markup {
  const { texts, action, csrf, timeZone } = view;
  const rows = [
    ['approvals.patient', access.context.patient],
    ['approvals.encounter', access.context.encounter],
    ['approvals.audience', access.audience],
    ['approvals.since', texts.moment(access.since, timeZone)],
    ['approvals.used', texts.moment(access.usedAt, timeZone)],
    ['approvals.lasts', texts.plain(`approvals.lasts.${access.lasts}`)],
  ] as const;
  return markup`<div class="access">
<dl class="rows">${rows.map(([key, value]) =>
    value === undefined ? markup`` : markup`<div><dt>${texts.say(key)}</dt><dd>${value}</dd></div>`,
  )}</dl>
<details class="flat"><summary>${texts.say('approvals.scopes')}</summary>
<ul>${access.scopes.map((scope) => markup`<li>${describeScope(scope, texts)} <code>${scope}</code></li>`)}</ul>
</details>
${
  heading === undefined
    ? undefined
    : markup`<form method="post" action="${action}">
<input type="hidden" name="csrf" value="${csrf}">
<input type="hidden" name="value" value="${access.handle}">
<button class="end small" type="submit" name="end" value="access" aria-describedby="${heading}">${texts.say('approvals.end.access')}</button>
</form>`
}
</div>`;
}

function pages({ texts, addressOf, list }: ApprovalsView): Markup | undefined {
  const { page, hasNext, only } = list;
  if (page === 1 && !hasNext && only === undefined) return undefined;
  const to = (number: number): string =>
    addressOf({ ...(only === undefined ? {} : { app: only }), page: number });
  return markup`<nav class="pages" aria-label="${texts.plain('approvals.pages')}">
${only === undefined ? undefined : markup`<a href="${addressOf({})}">${texts.say('approvals.back')}</a>`}
${page === 1 ? undefined : markup`<a href="${to(page - 1)}" rel="prev">${texts.say('approvals.previous')}</a>`}
${hasNext ? markup`<a href="${to(page + 1)}" rel="next">${texts.say('page.more')}</a>` : undefined}
</nav>`;
}
