import { approvalsLink } from './approvals-link.js';
import { markup, type Markup } from '../texts/markup.js';
import type { Page } from './page.js';
import { unverifiedNote } from './unverified-note.js';
import type { Texts } from '../texts/texts.js';

export type DeviceCodeProblem = 'missing' | 'unknown' | 'expired-form' | 'refused';

export interface DeviceCodeView {
  readonly texts: Texts;
  /** Address that the form is sent to. */
  readonly action: string;
  readonly csrf: string;
  /** What is filled in. */
  readonly userCode: string;
  readonly problem?: DeviceCodeProblem | undefined;
}

/** Asks for the code that a device shows. https://www.rfc-editor.org/rfc/rfc8628#section-3.3 */
export function deviceCodePage(view: DeviceCodeView): Page {
  const { texts, problem, userCode } = view;
  const title = texts.plain('device.title');
  return {
    texts,
    title: problem === undefined ? title : texts.plain('problem.prefix', { title }),
    body: markup`${problem === undefined ? undefined : summary(problem, texts)}
<h1>${title}</h1>
<form method="post" action="${view.action}" novalidate>
<input type="hidden" name="xsrf" value="${view.csrf}">
<label for="user_code">${texts.say('device.code')}</label>
<input id="user_code" name="user_code" type="text" value="${userCode}" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="32" required autofocus${problem === undefined ? undefined : markInvalid}>
<div class="actions">
<button class="main" type="submit">${texts.say('device.continue')}</button>
</div>
</form>`,
  };
}

const markInvalid = markup` aria-invalid="true" aria-describedby="problem"`;

function summary(problem: DeviceCodeProblem, texts: Texts): Markup {
  return markup`<div class="summary" role="alert">
<h2>${texts.say('problem.heading')}</h2>
<p id="problem"><a href="#user_code">${texts.say(`device.problem.${problem}`)}</a></p>
</div>`;
}

export interface DeviceConfirmView {
  readonly texts: Texts;
  readonly action: string;
  readonly csrf: string;
  readonly clientName: string;
  /** Registered itself: nobody has looked at its name. */
  readonly unverified: boolean;
  /** As the device shows it. */
  readonly userCode: string;
}

/**
 * Has a person compare the code: whoever sent a link with a code in it may have a device of their own in mind.
 * https://www.rfc-editor.org/rfc/rfc8628#section-5.4
 */
export function deviceConfirmPage(view: DeviceConfirmView): Page {
  const { texts } = view;
  const client = markup`<strong>${view.clientName}</strong>`;
  return {
    texts,
    title: texts.plain('device.confirm', { client: view.clientName }),
    body: markup`<h1>${texts.say('device.confirm', { client })}</h1>
${view.unverified ? unverifiedNote(texts) : undefined}
<p>${texts.say('device.asks')}</p>
<p class="code"><strong>${view.userCode}</strong></p>
<p>${texts.say('device.warning')}</p>
<form method="post" action="${view.action}">
<input type="hidden" name="xsrf" value="${view.csrf}">
<input type="hidden" name="user_code" value="${view.userCode}">
<div class="actions">
<button class="main" type="submit" name="confirm" value="yes">${texts.say('device.same')}</button>
<button type="submit" name="abort" value="yes">${texts.say('cancel')}</button>
</div>
</form>`,
  };
}

/** @param approvals address of the page where the access can be ended */
export function deviceConnectedPage(clientName: string, approvals: string, texts: Texts): Page {
  const title = texts.plain('device.connected');
  return {
    texts,
    title,
    body: markup`<h1>${title}</h1>
<p>${texts.say('device.connected.text', { client: markup`<strong>${clientName}</strong>` })}</p>
<p class="soft">${texts.say('approvals.later', { page: approvalsLink({ texts, approvals }) })}</p>`,
  };
}

export function deviceCancelledPage(texts: Texts): Page {
  const title = texts.plain('device.cancelled');
  return {
    texts,
    title,
    body: markup`<h1>${title}</h1>
<p>${texts.say('device.cancelled.text')}</p>`,
  };
}

/** @param seconds until the next try counts */
export function deviceThrottledPage(seconds: number, texts: Texts): Page {
  const title = texts.plain('device.title');
  return {
    texts,
    title: texts.plain('problem.prefix', { title }),
    body: markup`<div class="summary" role="alert">
<h2>${texts.say('problem.heading')}</h2>
<p>${texts.say('device.throttled', { time: texts.duration(seconds) })}</p>
</div>
<h1>${title}</h1>
<p>${texts.say('device.throttled.text')}</p>`,
  };
}
