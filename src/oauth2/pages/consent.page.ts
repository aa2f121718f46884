import { narrowingOf, type Category } from '../scopes/consent-choices.js';
import { markup, type Markup } from '../texts/markup.js';
import { approvalsLink } from './approvals-link.js';
import type { Page } from './page.js';
import { describeScope } from './scope-description.js';
import type { Texts } from '../texts/texts.js';
import { unverifiedNote } from './unverified-note.js';

export interface ConsentView {
  readonly texts: Texts;
  readonly action: string;
  readonly csrf: string;
  readonly clientName: string;
  readonly unverified: boolean;
  /** Where the answer goes: a registered redirect URI; undefined: a device asks. */
  readonly redirectUri: string | undefined;
  /** Base URL that the access is for; undefined: only the identity. */
  readonly audience: string | undefined;
  readonly username: string;
  readonly scopes: readonly string[];
  /** For whom the app is launched. */
  readonly context: { readonly patient?: string; readonly encounter?: string };
  readonly formTargets: readonly unknown[];
  /** Address of the page where what is allowed here can be ended. */
  readonly approvals: string;
  /** What can't be granted of the form that was sent. */
  readonly faulty?: { readonly problem: 'none' | 'long'; readonly form: URLSearchParams };
}

/** Shows who asks and what for, and lets the user say yes to all or a part of it, or no. */
export function consentPage(view: ConsentView): Page {
  const { texts, faulty } = view;
  const title = texts.plain('consent.title', { client: view.clientName });
  return {
    texts,
    title: faulty === undefined ? title : texts.plain('problem.prefix', { title }),
    formTargets: view.formTargets,
    body: markup`${faulty === undefined ? undefined : summary(texts, faulty.problem)}
<h1>${texts.say('consent.heading', { client: markup`<strong>${view.clientName}</strong>` })}</h1>
${view.unverified ? unverifiedNote(texts) : undefined}
${details(view)}
<form method="post" action="${view.action}">
<input type="hidden" name="csrf" value="${view.csrf}">
<input type="hidden" name="step" value="consent">
<fieldset class="scopes"${faulty === undefined ? undefined : markup` aria-describedby="problem"`}>
<legend>${texts.say('consent.asks')}</legend>
<p class="hint">${texts.say('consent.hint')}</p>
${view.scopes.map((scope, index) => scopeItem(view, scope, index))}
</fieldset>
<div class="actions">
<button class="main" type="submit" name="decision" value="allow">${texts.say('consent.allow')}</button>
<button type="submit" name="decision" value="deny">${texts.say('consent.deny')}</button>
</div>
</form>
<p class="soft actions">${texts.say('consent.doubt')}</p>
<p class="soft">${texts.say('approvals.later', { page: approvalsLink(view) })}</p>`,
  };
}

function summary(texts: Texts, problem: 'none' | 'long'): Markup {
  return markup`<div class="summary" role="alert">
<h2>${texts.say('problem.heading')}</h2>
<p id="problem"><a href="#scope-0">${texts.say(`consent.problem.${problem}`)}</a></p>
</div>`;
}

function details({ texts, username, audience, context, redirectUri }: ConsentView): Markup {
  const rows: readonly (readonly [Parameters<Texts['say']>[0], string | undefined])[] = [
    ['consent.user', username],
    ['consent.audience', audience],
    ['consent.patient', context.patient],
    ['consent.encounter', context.encounter],
    ['consent.destination', destinationOf(redirectUri, texts)],
  ];
  return markup`<dl>${rows.map(([key, value]) =>
    value === undefined ? markup`` : markup`<dt>${texts.say(key)}</dt><dd>${value}</dd>`,
  )}</dl>`;
}

function scopeItem({ texts, faulty }: ConsentView, scope: string, index: number): Markup {
  const isTicked = (name: string, value: string): boolean =>
    faulty === undefined ? name === 'scope' : faulty.form.getAll(name).includes(value);
  const box = (id: string, name: string, value: string, label: Markup): Markup =>
    markup`<div class="tick"><input type="checkbox" id="${id}" name="${name}" value="${value}"${isTicked(name, value) ? markup` checked` : undefined}><label for="${id}">${label}</label></div>`;
  const id = `scope-${index}`;
  const words = markup`${describeScope(scope, texts)}<br><code>${scope}</code>`;
  const narrowing = narrowingOf(scope);
  if (narrowing === undefined) return markup`<div class="scope">${box(id, 'scope', scope, words)}</div>`;
  const category = ({ code }: Category): Markup =>
    box(`${id}-${code}`, 'category', `${scope} ${code}`, markup`${texts.nameOf('category', code)}`);
  const reading = box(`${id}-reading`, 'reading', scope, texts.say('consent.reading'));
  return markup`<div class="scope">${box(id, 'scope', scope, words)}
<details${faulty?.problem === 'long' ? markup` open` : undefined}><summary>${texts.say('consent.part')}</summary>
${narrowing.reading ? reading : undefined}
${
  narrowing.categories.length === 0
    ? undefined
    : markup`<fieldset><legend>${texts.say('consent.categories')}</legend>
<p class="hint">${texts.say('consent.categories.hint')}</p>
${narrowing.categories.map(category)}</fieldset>`
}
</details></div>`;
}

/** Host of a web address, scheme of an installed application. */
function destinationOf(redirectUri: string | undefined, texts: Texts): string {
  if (redirectUri === undefined) return texts.plain('consent.destination.device');
  const { protocol, host } = new URL(redirectUri);
  return protocol === 'https:' || protocol === 'http:'
    ? host
    : texts.plain('consent.destination.installed', { scheme: protocol });
}
