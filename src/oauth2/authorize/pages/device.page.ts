import { markup, type Markup } from './markup.js';
import type { Page } from './page.js';

export type DeviceCodeProblem = 'missing' | 'unknown' | 'expired-form' | 'refused';

export interface DeviceCodeView {
  /** Address that the form is sent to. */
  readonly action: string;
  readonly csrf: string;
  /** What is filled in. */
  readonly userCode: string;
  readonly problem?: DeviceCodeProblem | undefined;
}

const problems: Readonly<Record<DeviceCodeProblem, string>> = {
  missing: 'Enter the code that the device shows.',
  unknown: 'This code is not known here, has expired or was used before. Compare it with the device.',
  'expired-form': 'The page was open for too long. Enter the code again.',
  refused: 'What the device asks for can’t be given. Start again on the device.',
};

/** Asks for the code that a device shows. https://www.rfc-editor.org/rfc/rfc8628#section-3.3 */
export function deviceCodePage(view: DeviceCodeView): Page {
  const { problem, userCode } = view;
  return {
    title: problem === undefined ? 'Connect a device' : 'Error: Connect a device',
    body: markup`${problem === undefined ? undefined : summary(problem)}
<h1>Connect a device</h1>
<form method="post" action="${view.action}" novalidate>
<input type="hidden" name="xsrf" value="${view.csrf}">
<label for="user_code">Code that the device shows</label>
<input id="user_code" name="user_code" type="text" value="${userCode}" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="32" required autofocus${problem === undefined ? undefined : markInvalid}>
<div class="actions">
<button class="main" type="submit">Continue</button>
</div>
</form>`,
  };
}

const markInvalid = markup` aria-invalid="true" aria-describedby="problem"`;

function summary(problem: DeviceCodeProblem): Markup {
  return markup`<div class="summary" role="alert">
<h2>There is a problem</h2>
<p id="problem"><a href="#user_code">${problems[problem]}</a></p>
</div>`;
}

export interface DeviceConfirmView {
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
  return {
    title: `Connect ${view.clientName}?`,
    body: markup`<h1>Connect <strong>${view.clientName}</strong>?</h1>
${view.unverified ? unverifiedNote : undefined}
<p>A device asks for access with this code:</p>
<p class="code"><strong>${view.userCode}</strong></p>
<p>Go on only if the device is in front of you, you have just started this on it, and it shows the same code. If somebody sent you the code or a link, choose Cancel.</p>
<form method="post" action="${view.action}">
<input type="hidden" name="xsrf" value="${view.csrf}">
<input type="hidden" name="user_code" value="${view.userCode}">
<div class="actions">
<button class="main" type="submit" name="confirm" value="yes">The device shows this code</button>
<button type="submit" name="abort" value="yes">Cancel</button>
</div>
</form>`,
  };
}

const unverifiedNote = markup`<p class="note"><strong>Unverified.</strong> This application registered itself. Nobody here has checked its name or who is behind it.</p>`;

export function deviceConnectedPage(clientName: string): Page {
  return {
    title: 'Connected',
    body: markup`<h1>Connected</h1>
<p><strong>${clientName}</strong> goes on by itself now. You can close this page.</p>`,
  };
}

export function deviceCancelledPage(): Page {
  return {
    title: 'Cancelled',
    body: markup`<h1>Cancelled</h1>
<p>The device gets no access. You can close this page.</p>`,
  };
}

/** @param seconds until the next try counts */
export function deviceThrottledPage(seconds: number): Page {
  return {
    title: 'Error: Connect a device',
    body: markup`<div class="summary" role="alert">
<h2>There is a problem</h2>
<p>Too many codes were tried from here. Try again in ${Math.ceil(seconds / 60)} minutes.</p>
</div>
<h1>Connect a device</h1>
<p>The code on the device may have expired by then: start again on the device.</p>`,
  };
}
