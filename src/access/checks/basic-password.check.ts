import { Injectable } from '@nestjs/common';
import type { User } from '../../users/index.js';
import { BasicStrategy, type BasicFailure } from '../credentials/basic.strategy.js';
import type { Check, CheckContext, CheckFailure } from './check.js';
import { runStrategy } from '../credentials/run-strategy.js';

/** User and password, where they were brought, are right. https://www.rfc-editor.org/rfc/rfc7617 */
@Injectable()
export class BasicPasswordCheck implements Check {
  readonly name = 'basic-password';
  readonly isOfCredentials = true;

  constructor(private readonly strategy: BasicStrategy) {}

  applies({ credentials }: CheckContext): boolean {
    return credentials.scheme === 'basic' && credentials.authorization !== null;
  }

  run(context: CheckContext): Promise<CheckFailure | undefined> | undefined {
    return this.applies(context) ? this.verify(context, context.credentials.authorization ?? '') : undefined;
  }

  private async verify(context: CheckContext, authorization: string): Promise<CheckFailure | undefined> {
    const outcome = await runStrategy<User>(this.strategy, {
      authorization,
      address: context.address,
    });
    if (outcome.kind === 'success') {
      context.basicUser = outcome.user;
      return undefined;
    }
    return failure(outcome.info as BasicFailure);
  }
}

const actual: Readonly<Record<BasicFailure['reason'], string>> = {
  malformed: 'an Authorization header that is not RFC 7617',
  'unknown-user': 'a user that does not exist',
  'wrong-password': 'a wrong password',
  disabled: 'a user that is disabled',
  throttled: 'too many failed attempts for this address or account',
};

const remedy: Readonly<Record<BasicFailure['reason'], string>> = {
  malformed: 'Send `Basic ` and the base64 of `user:password` in UTF-8.',
  'unknown-user':
    'Create the user here (users are per server), or correct the name; names are case-sensitive.',
  'wrong-password': 'Correct the password, or set a new one with `firekeep user passwd`.',
  disabled: 'Enable the user in the management API.',
  throttled: 'Wait as long as Retry-After says, and find out who keeps sending wrong passwords.',
};

function failure({ reason, username, mark, retryAfter }: BasicFailure): CheckFailure {
  const throttled = reason === 'throttled';
  return {
    category: throttled ? 'throttled' : 'unauthenticated',
    error: null,
    message: throttled ? 'Too many attempts. Try again later.' : 'User or password is wrong.',
    ...(retryAfter === undefined ? {} : { retryAfter }),
    expected: 'user and password of an enabled account',
    actual: actual[reason] + shownName(username, mark),
    remedy: remedy[reason],
    setting: 'users of this server',
  };
}

/** Tokens and passwords are sent as the name by mistake: what is no account's is not shown. */
function shownName(username: string | null, mark: string | null): string {
  if (username !== null) return ` (${username})`;
  return mark === null ? '' : ` (a name that no account has, mark ${mark})`;
}
