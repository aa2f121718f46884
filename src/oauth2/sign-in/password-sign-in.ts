import { Injectable } from '@nestjs/common';
import { FirekeepError } from '../../platform/errors/index.js';
import { PasswordAuthentication } from '../../users/index.js';
import { Oauth2Events } from '../events/oauth2-events.js';
import type { LoginProblem } from '../pages/login.page.js';

const longestUsername = 128;

/** What came of a login form. */
export type SignInOutcome =
  | { readonly ok: true; readonly username: string }
  | {
      readonly ok: false;
      readonly status: 400 | 429 | 503;
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
    const again = (status: 400 | 429 | 503, problem: LoginProblem): SignInOutcome => ({
      ok: false,
      status,
      problem,
      username: username.slice(0, longestUsername),
    });
    if (username === '') return again(400, { kind: 'missing', field: 'username' });
    if (password === '') return again(400, { kind: 'missing', field: 'password' });
    const outcome = await this.verified(username, password, address);
    if (outcome instanceof FirekeepError) {
      return again(503, { kind: 'unavailable', seconds: outcome.retryAfter ?? 1 });
    }
    if (outcome.ok) {
      this.events.signedIn.emit({ username: outcome.user.username, clientId, address });
      return { ok: true, username: outcome.user.username };
    }
    const { reason, retryAfter = 1, username: known, mark } = outcome;
    this.events.signInRefused.emit({ username: known, mark, clientId, address, reason });
    return reason === 'throttled'
      ? again(429, { kind: 'throttled', seconds: retryAfter })
      : again(400, { kind: 'refused' });
  }

  /** @returns an error where the password is checked elsewhere, and that does not answer */
  private async verified(username: string, password: string, address: string) {
    try {
      return await this.passwords.verify(username, password, { address });
    } catch (error) {
      if (error instanceof FirekeepError && error.code === 'USERS_SOURCE_UNAVAILABLE') return error;
      throw error;
    }
  }
}
