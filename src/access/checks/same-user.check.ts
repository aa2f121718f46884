import { Injectable } from '@nestjs/common';
import type { Check, CheckContext, CheckFailure } from './check.js';

/**
 * The token is a user's. A client without a user must not pass for one, even where its id equals a username.
 * https://www.rfc-editor.org/rfc/rfc9700#section-4.15
 */
@Injectable()
export class UserTokenCheck implements Check {
  readonly name = 'user-token';

  applies = bringsBoth;

  run({ claims, basicUser }: CheckContext): CheckFailure | undefined {
    if (claims === undefined || basicUser === undefined || claims.isUserToken) return undefined;
    return {
      category: 'unauthenticated',
      error: 'invalid_token',
      message: 'The access token is expired, revoked, malformed or not valid here.',
      expected: 'a token that a user approved',
      actual: `a token of the client ${claims.clientId} without a user`,
      remedy:
        'Get the token by authorization code as the Basic user; clients without a user use a bearer endpoint.',
      setting: 'grant type of the client; check mode of the endpoint',
    };
  }
}

/** The Basic user is the `sub` of the token. */
@Injectable()
export class SameUserCheck implements Check {
  readonly name = 'same-user';

  applies = bringsBoth;

  run({ claims, basicUser }: CheckContext): CheckFailure | undefined {
    if (claims === undefined || basicUser === undefined) return undefined;
    if (claims.isUserToken && claims.subject === basicUser.username) return undefined;
    return {
      category: 'unauthenticated',
      error: 'invalid_token',
      message: 'The access token is expired, revoked, malformed or not valid here.',
      expected: `a token with sub ${JSON.stringify(basicUser.username)}, the Basic user`,
      actual: `sub ${JSON.stringify(claims.subject.slice(0, 64))}`,
      remedy: 'Send user and password of the person who approved the token; names are case-sensitive.',
      setting: 'check mode of the endpoint',
    };
  }
}

/** Password and token, so that there are two users to compare. */
function bringsBoth({ claims, basicUser }: CheckContext): boolean {
  return claims !== undefined && basicUser !== undefined;
}
