import { Injectable } from '@nestjs/common';
import { PasswordAuthentication } from '../../users/index.js';
import { Oauth2Events } from '../events/oauth2-events.js';
import type { LoginProblem } from '../pages/login.page.js';

const longestUsername = 128;

/** What came of a login form. */
export type SignInOutcome =
  | { readonly ok: true; readonly username: string }
  | {
      readonly ok: false;
      readonly status: 400 | 429;
      readonly problem: LoginProblem;
      /** As it was typed, for the form that is shown again. */
      readonly username: string;
    };

/** Checks the form of the login page, wherever it leads. */
@Injectable()
export class PasswordSignIn {
  constructor(
    private readonly passwords: PasswordAuthentication,
    private readonly events: Oauth2Events,
  ) {}

  /** @param clientId of the client that the user goes on to; null: a page of this server */
  async attempt(form: URLSearchParams, clientId: string | null, address: string): Promise<SignInOutcome> {
    const username = (form.get('username') ?? '').trim();
    const password = form.get('password') ?? '';
    const again = (status: 400 | 429, problem: LoginProblem): SignInOutcome => ({
      ok: false,
      status,
      problem,
      username: username.slice(0, longestUsername),
    });
    if (username === '') return again(400, { kind: 'missing', field: 'username' });
    if (password === '') return again(400, { kind: 'missing', field: 'password' });
    const outcome = await this.passwords.verify(username, password, { address });
    if (outcome.ok) {
      this.events.signedIn.emit({ username: outcome.user.username, clientId, address });
      return { ok: true, username: outcome.user.username };
    }
    const { reason, retryAfter = 1 } = outcome;
    this.events.signInRefused.emit({
      ...{ username: username.slice(0, longestUsername), clientId, address, reason },
    });
    return reason === 'throttled'
      ? again(429, { kind: 'throttled', seconds: retryAfter })
      : again(400, { kind: 'refused' });
  }
}
