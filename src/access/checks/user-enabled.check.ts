import { Injectable } from '@nestjs/common';
import { UsersService } from '../../users/index.js';
import type { AccessTokenClaims } from '../../contract/index.js';
import type { Check, CheckContext, CheckFailure } from './check.js';

/** The user that the request speaks for has an enabled account here: its roles decide what may be done. */
@Injectable()
export class UserEnabledCheck implements Check {
  readonly name = 'user-enabled';

  constructor(private readonly users: UsersService) {}

  applies({ claims, basicUser }: CheckContext): boolean {
    return claims?.isUserToken === true || basicUser !== undefined;
  }

  run(context: CheckContext): Promise<CheckFailure | undefined> | undefined {
    const { claims, basicUser } = context;
    if (claims?.isUserToken === true) return this.verify(context, claims);
    if (basicUser !== undefined) context.user = basicUser;
    return undefined;
  }

  private async verify(context: CheckContext, claims: AccessTokenClaims): Promise<CheckFailure | undefined> {
    const user = await this.users.findByUsername(claims.subject);
    if (user?.enabled === true) {
      context.user = user;
      return undefined;
    }
    return {
      category: 'unauthenticated',
      error: 'invalid_token',
      message: 'The access token is expired, revoked, malformed or not valid here.',
      expected: `an enabled user ${JSON.stringify(claims.subject.slice(0, 64))}`,
      actual: user === undefined ? 'no such user on this server' : 'the user is disabled',
      remedy:
        'Create or enable the user on this server: a token of a user is worth what its roles here allow.',
      setting: 'users of this server',
    };
  }
}
