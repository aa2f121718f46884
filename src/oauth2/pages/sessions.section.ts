import { markup, type Markup } from '../texts/markup.js';
import type { Texts } from '../texts/texts.js';

/** Where a user is signed in. */
export interface SessionView {
  readonly uid: string;
  readonly name: { readonly browser?: string; readonly system?: string };
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly seenAt: number;
}

export interface SessionsView {
  readonly texts: Texts;
  /** Address that forms are sent to. */
  readonly action: string;
  readonly csrf: string;
  /** IANA time zone of times. */
  readonly timeZone: string;
  /** Of the browser that the page is shown in. */
  readonly session: SessionView;
  /** The latest used first. */
  readonly others: readonly SessionView[];
  /** Whether there are more than these. */
  readonly hasMore: boolean;
}

/** The browsers that a user is signed in with, this one first. */
export function sessionsSection(view: SessionsView): Markup {
  const { texts, action, csrf, session, others, hasMore } = view;
  return markup`<h2>${texts.say('approvals.sessions')}</h2>
${others.length === 0 ? undefined : markup`<p class="hint">${texts.say('approvals.sessions.hint')}</p>`}
${sessionPart(view, session, 0)}
${others.map((other, index) => sessionPart(view, other, index + 1))}
${hasMore ? markup`<p class="soft">${texts.say('approvals.sessions.more', { count: others.length + 1 })}</p>` : undefined}
${
  others.length === 0
    ? undefined
    : markup`<form method="post" action="${action}">
<input type="hidden" name="csrf" value="${csrf}">
<div class="actions"><button class="end" type="submit" name="end" value="sessions">${texts.say('approvals.end.sessions')}</button></div>
</form>`
}`;
}

function sessionPart(view: SessionsView, session: SessionView, index: number): Markup {
  const { texts, action, csrf, timeZone } = view;
  const id = `session-${index}`;
  const started = texts.moment(session.startedAt, timeZone);
  return markup`<section class="entry" aria-labelledby="${id}">
<h3 id="${id}">${nameOf(session, texts)}${index === 0 ? markup` <span class="soft">(${texts.say('approvals.session.this')})</span>` : undefined}</h3>
<dl class="rows"><div><dt>${texts.say('approvals.session.started')}</dt><dd>${started}</dd></div>
${index === 0 ? undefined : markup`<div><dt>${texts.say('approvals.session.seen')}</dt><dd>${texts.moment(session.seenAt, timeZone)}</dd></div>`}</dl>
${
  index === 0
    ? undefined
    : markup`<form method="post" action="${action}">
<input type="hidden" name="csrf" value="${csrf}">
<input type="hidden" name="value" value="${session.uid}">
<button class="end small" type="submit" name="end" value="session" aria-describedby="${id}">${texts.say('approvals.end.session')}</button>
</form>`
}
</section>`;
}

function nameOf({ name: { browser, system } }: SessionView, texts: Texts): Markup {
  if (browser === undefined) {
    return system === undefined
      ? texts.say('approvals.browser.unknown')
      : texts.say('approvals.browser.system', { system });
  }
  return system === undefined ? markup`${browser}` : texts.say('approvals.browser', { browser, system });
}
