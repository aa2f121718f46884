import { Injectable } from '@nestjs/common';
import { ClientsService } from '../../clients/index.js';
import type { AccessTokenClaims } from '../../contract/index.js';
import type { Check, CheckContext, CheckFailure } from './check.js';

/** The management API takes an administrator, by Basic or by a token with scope `admin` of a first-party client. */
@Injectable()
export class AdminRoleCheck implements Check {
  readonly name = 'admin-role';

  constructor(private readonly clients: ClientsService) {}

  async run({ user, claims }: CheckContext): Promise<CheckFailure | undefined> {
    const byToken = claims === undefined ? undefined : await this.tokenFailure(claims);
    if (byToken !== undefined) return byToken;
    if (user?.roles.includes('admin') === true) return undefined;
    const actual =
      user === undefined ? 'no user' : `roles ${user.roles.join(', ') || 'none'} of ${user.username}`;
    return failure('a user with the role admin', actual, claims !== undefined);
  }

  private async tokenFailure({ scopes, clientId }: AccessTokenClaims): Promise<CheckFailure | undefined> {
    if (!scopes.includes('admin')) return failure('scope admin', `scope ${scopes.join(' ')}`, true);
    const client = await this.clients.find(clientId);
    if (client?.firstParty === true) return undefined;
    return failure('a token of a first-party client', `a token of the client ${clientId}`, true);
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
