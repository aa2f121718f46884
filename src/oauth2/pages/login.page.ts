import { markup, type Markup } from '../texts/markup.js';
import type { Page } from './page.js';
import type { Texts } from '../texts/texts.js';

/** What people sign in for where no client waits for it. */
export type LoginPurpose = 'login.approvals' | 'login.page';

export interface LoginView {
  readonly texts: Texts;
  /** Address that the form is sent to. */
  readonly action: string;
  readonly csrf: string;
  /** Where the user goes on to; undefined: to a page of this server. */
  readonly client:
    { readonly clientName: string; /** Registered itself. */ readonly unverified: boolean } | undefined;
  readonly purpose?: LoginPurpose;
  readonly username: string;
  /** Why the last attempt failed. */
  readonly problem?: LoginProblem;
  readonly formTargets: readonly unknown[];
  readonly addressIn?: Page['addressIn'];
}

export type LoginProblem =
  | { readonly kind: 'missing'; readonly field: 'username' | 'password' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'throttled'; readonly seconds: number }
  /** Where the password is checked does not answer. */
  | { readonly kind: 'unavailable'; readonly seconds: number };

/** Asks for user name and password. */
export function loginPage(view: LoginView): Page {
  const { texts, problem, username } = view;
  const title = texts.plain('login.title');
  const invalid = (field: 'username' | 'password'): Markup | undefined =>
    problem?.kind === 'refused' || (problem?.kind === 'missing' && problem.field === field)
      ? markInvalid
      : undefined;
  const focusName = username === '' ? autofocus : undefined;
  const focusPassword = username === '' ? undefined : autofocus;
  return {
    texts,
    title: problem === undefined ? title : texts.plain('problem.prefix', { title }),
    formTargets: view.formTargets,
    ...(view.addressIn === undefined ? {} : { addressIn: view.addressIn }),
    body: markup`${problem === undefined ? undefined : summary(problem, texts)}
<h1>${title}</h1>
<p>${purpose(view)}</p>
<form method="post" action="${view.action}" novalidate>
<input type="hidden" name="csrf" value="${view.csrf}">
<input type="hidden" name="step" value="login">
<label for="username">${texts.say('login.username')}</label>
<input id="username" name="username" type="text" value="${username}" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="128" required${invalid('username')}${focusName}>
<label for="password">${texts.say('login.password')}</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="1024" required${invalid('password')}${focusPassword}>
<div class="actions">
<button class="main" type="submit" name="decision" value="login">${texts.say('login.submit')}</button>
${view.client === undefined ? undefined : markup`<button type="submit" name="decision" value="cancel" formnovalidate>${texts.say('cancel')}</button>`}
</div>
</form>`,
  };
}

function purpose({ client, texts, purpose = 'login.approvals' }: LoginView): Markup {
  if (client === undefined) return texts.say(purpose);
  return texts.say(client.unverified ? 'login.client.unverified' : 'login.client', {
    client: markup`<strong>${client.clientName}</strong>`,
  });
}

const markInvalid = markup` aria-invalid="true" aria-describedby="problem"`;
const autofocus = markup` autofocus`;

function summary(problem: LoginProblem, texts: Texts): Markup {
  return markup`<div class="summary" role="alert">
<h2>${texts.say('problem.heading')}</h2>
<p id="problem">${explain(problem, texts)}</p>
</div>`;
}

function explain(problem: LoginProblem, texts: Texts): Markup {
  switch (problem.kind) {
    case 'missing':
      return markup`<a href="#${problem.field}">${texts.say(`login.problem.${problem.field}`)}</a>`;
    case 'refused':
      return markup`<a href="#username">${texts.say('login.problem.refused')}</a>`;
    case 'throttled':
      return texts.say('login.problem.throttled', { time: texts.duration(problem.seconds) });
    case 'unavailable':
      return texts.say('login.problem.unavailable');
  }
}
