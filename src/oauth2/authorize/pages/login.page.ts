import { markup, type Markup } from './markup.js';
import type { Page } from './page.js';

export interface LoginView {
  /** Address that the form is sent to. */
  readonly action: string;
  readonly csrf: string;
  readonly clientName: string;
  /** Registered itself: nobody has looked at its name. */
  readonly unverified: boolean;
  readonly username: string;
  /** Why the last attempt failed. */
  readonly problem?: LoginProblem;
  readonly formTargets: readonly unknown[];
}

export type LoginProblem =
  | { readonly kind: 'missing'; readonly field: 'username' | 'password' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'throttled'; readonly seconds: number };

/** Asks for user name and password. */
export function loginPage(view: LoginView): Page {
  const { problem, username } = view;
  const invalid = (field: 'username' | 'password'): Markup | undefined =>
    problem?.kind === 'refused' || (problem?.kind === 'missing' && problem.field === field)
      ? markInvalid
      : undefined;
  const focusName = username === '' ? autofocus : undefined;
  const focusPassword = username === '' ? undefined : autofocus;
  return {
    title: problem === undefined ? 'Sign in' : 'Error: Sign in',
    formTargets: view.formTargets,
    body: markup`${problem === undefined ? undefined : summary(problem)}
<h1>Sign in</h1>
<p>to continue to <strong>${view.clientName}</strong>${view.unverified ? ' (unverified)' : undefined}</p>
<form method="post" action="${view.action}" novalidate>
<input type="hidden" name="csrf" value="${view.csrf}">
<input type="hidden" name="step" value="login">
<label for="username">User name</label>
<input id="username" name="username" type="text" value="${username}" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="128" required${invalid('username')}${focusName}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="1024" required${invalid('password')}${focusPassword}>
<div class="actions">
<button class="main" type="submit" name="decision" value="login">Sign in</button>
<button type="submit" name="decision" value="cancel" formnovalidate>Cancel</button>
</div>
</form>`,
  };
}

const markInvalid = markup` aria-invalid="true" aria-describedby="problem"`;
const autofocus = markup` autofocus`;

function summary(problem: LoginProblem): Markup {
  return markup`<div class="summary" role="alert">
<h2>There is a problem</h2>
<p id="problem">${explain(problem)}</p>
</div>`;
}

function explain(problem: LoginProblem): Markup {
  switch (problem.kind) {
    case 'missing':
      return problem.field === 'username'
        ? markup`<a href="#username">Enter your user name.</a>`
        : markup`<a href="#password">Enter your password.</a>`;
    case 'refused':
      return markup`<a href="#username">User name or password is wrong.</a>`;
    case 'throttled':
      return markup`Too many attempts. Try again in ${duration(problem.seconds)}.`;
  }
}

function duration(seconds: number): string {
  const rounded = Math.max(1, Math.ceil(seconds));
  if (rounded < 90) return rounded === 1 ? '1 second' : `${rounded} seconds`;
  return `${Math.ceil(rounded / 60)} minutes`;
}
