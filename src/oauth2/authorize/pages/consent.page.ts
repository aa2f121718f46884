import { markup, type Markup } from './markup.js';
import type { Page } from './page.js';
import { describeScope } from './scope-description.js';

export interface ConsentView {
  readonly action: string;
  readonly csrf: string;
  readonly clientName: string;
  readonly unverified: boolean;
  /** Where the answer goes, as a person reads it: `app.example.org`. */
  readonly destination: string;
  /** Base URL that the access is for; undefined: only the identity. */
  readonly audience: string | undefined;
  readonly username: string;
  readonly scopes: readonly string[];
  /** For whom the app is launched. */
  readonly context: { readonly patient?: string; readonly encounter?: string };
  readonly formTargets: readonly unknown[];
}

/** Shows who asks and what for, and lets the user say yes or no. */
export function consentPage(view: ConsentView): Page {
  const audience =
    view.audience === undefined ? undefined : markup`<dt>Access to</dt><dd>${view.audience}</dd>`;
  const { patient, encounter } = view.context;
  return {
    title: `Allow ${view.clientName}?`,
    formTargets: view.formTargets,
    body: markup`<h1>Allow <strong>${view.clientName}</strong> access?</h1>
${view.unverified ? unverifiedNote : undefined}
<dl>
<dt>Signed in as</dt><dd>${view.username}</dd>
${audience}
${patient === undefined ? undefined : markup`<dt>Patient</dt><dd>${patient}</dd>`}
${encounter === undefined ? undefined : markup`<dt>Encounter</dt><dd>${encounter}</dd>`}
<dt>You will be taken to</dt><dd>${view.destination}</dd>
</dl>
<h2 id="asks">It asks to</h2>
<ul class="scopes" aria-labelledby="asks">${view.scopes.map(scopeItem)}</ul>
<form method="post" action="${view.action}">
<input type="hidden" name="csrf" value="${view.csrf}">
<input type="hidden" name="step" value="consent">
<div class="actions">
<button class="main" type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny">Deny</button>
</div>
</form>
<p class="soft actions">If you don’t know this application, choose Deny.</p>`,
  };
}

const unverifiedNote = markup`<p class="note"><strong>Unverified.</strong> This application registered itself. Nobody here has checked its name or who is behind it.</p>`;

function scopeItem(scope: string): Markup {
  return markup`<li>${describeScope(scope)}<br><code>${scope}</code></li>`;
}
