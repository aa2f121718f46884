import { Injectable } from '@nestjs/common';
import type { Check, CheckContext, CheckFailure } from '../check.js';

/** The management API takes an administrator, by Basic or by a token with scope `admin`. */
@Injectable()
export class AdminRoleCheck implements Check {
  readonly name = 'admin-role';

  run(context: CheckContext): CheckFailure | undefined {
    const { user, claims } = context;
    if (claims?.scopes.includes('admin') === false) {
      return failure('scope admin', `scope ${claims.scopes.join(' ')}`, true);
    }
    if (user?.roles.includes('admin') === true) return undefined;
    const actual =
      user === undefined ? 'no user' : `roles ${user.roles.join(', ') || 'none'} of ${user.username}`;
    return failure('a user with the role admin', actual, claims !== undefined);
  }
}

function failure(expected: string, actual: string, byToken: boolean): CheckFailure {
  return {
    category: 'forbidden',
    error: byToken ? 'insufficient_scope' : null,
    message: 'The management API is for administrators.',
    scope: 'admin',
    expected,
    actual: actual.slice(0, 500),
    remedy: 'Sign in as an administrator, or give the user the role admin.',
    setting: 'roles of the user; scope of the client',
  };
}
