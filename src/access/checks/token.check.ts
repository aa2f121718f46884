import { Injectable } from '@nestjs/common';
import type { AccessTokenClaims, TokenRejection } from '../../contract/index.js';
import { BearerStrategy } from '../credentials/bearer.strategy.js';
import type { Check, CheckContext, CheckFailure } from './check.js';
import { presentedToken } from '../credentials/presented-credentials.js';
import { runStrategy } from '../credentials/run-strategy.js';

/**
 * The token, where one was brought, is well formed, genuine, active, in time and of the issuer that the
 * endpoint trusts. https://www.rfc-editor.org/rfc/rfc6750#section-3.1
 */
@Injectable()
export class TokenCheck implements Check {
  readonly name = 'token-active';
  readonly isOfCredentials = true;

  constructor(private readonly strategy: BearerStrategy) {}

  applies({ credentials }: CheckContext): boolean {
    return presentedToken(credentials) !== undefined;
  }

  run(context: CheckContext): Promise<CheckFailure | undefined> | undefined {
    const token = presentedToken(context.credentials);
    return token === undefined ? undefined : this.verify(context, token);
  }

  private async verify(context: CheckContext, token: string): Promise<CheckFailure | undefined> {
    const request = { token, endpoint: context.target.endpoint };
    const outcome = await runStrategy<AccessTokenClaims>(this.strategy, request);
    if (outcome.kind === 'success') {
      context.claims = outcome.user;
      return undefined;
    }
    return failure(outcome.info as TokenRejection);
  }
}

function failure(rejection: TokenRejection): CheckFailure {
  if (rejection.unavailable === true) {
    return {
      ...rejection,
      category: 'unavailable',
      error: null,
      message: 'The token cannot be verified at the moment. Try again soon.',
      retryAfter: 5,
      setting: 'server description of the issuer',
    };
  }
  return {
    ...rejection,
    category: 'unauthenticated',
    error: 'invalid_token',
    message: 'The access token is expired, revoked, malformed or not valid here.',
    setting: 'OAuth client name of the endpoint',
  };
}
