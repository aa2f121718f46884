import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { FirekeepError, type ErrorCategory } from '../../platform/errors/index.js';
import type { Check, CheckContext, CheckFailure } from '../checks/check.js';
import { RefusalsService } from '../refusals/refusals.service.js';
import { challengeOf } from './challenge.js';
import { refusalFacts } from './refusal-facts.js';

/** Makes of a check's failure what the caller gets, and remembers the reason for the administrator. */
@Injectable()
export class GateRefusals {
  constructor(
    private readonly refusals: RefusalsService,
    private readonly settings: Settings,
  ) {}

  of(
    request: IncomingMessage,
    context: CheckContext,
    failure: CheckFailure,
    failed: Check,
    checks: readonly Check[],
  ): FirekeepError {
    const name = failure.check ?? failed.name;
    const reference = this.refusals.record(refusalFacts(request, context, failure, failed.name, checks));
    const challenged = failure.category === 'unauthenticated' || failure.error !== null;
    return new FirekeepError(failure.category, codeOf(name, failure.category), failure.message, {
      reference,
      headers: {
        'cache-control': 'no-store',
        ...(challenged ? { 'www-authenticate': challengeOf(context, failure, this.settings.publicUrl) } : {}),
        ...(failure.nonce === undefined ? {} : { 'dpop-nonce': failure.nonce }),
      },
      ...(failure.retryAfter === undefined ? {} : { retryAfter: failure.retryAfter }),
    });
  }
}

/**
 * The code that the caller sees. It must not tell more than RFC 6750 does, so every fact about a token or a
 * password has the same one.
 */
function codeOf(check: string, category: ErrorCategory): string {
  if (check.includes('.'))
    return category === 'unavailable' ? 'ACCESS_CHECK_FAILED' : 'ACCESS_REFUSED_BY_EXTENSION';
  if (category === 'throttled') return 'ACCESS_TOO_MANY_ATTEMPTS';
  if (category === 'unavailable') return 'ACCESS_ISSUER_UNAVAILABLE';
  switch (check) {
    case 'credentials-form':
      return 'ACCESS_INVALID_REQUEST';
    case 'basic-present':
    case 'token-present':
      return 'ACCESS_CREDENTIALS_REQUIRED';
    case 'basic-password':
      return 'ACCESS_WRONG_CREDENTIALS';
    case 'dpop-proof':
      return 'ACCESS_INVALID_PROOF';
    case 'scope':
    case 'admin-role':
      return 'ACCESS_INSUFFICIENT_SCOPE';
    case 'open-allowed':
      return 'ACCESS_ENDPOINT_NOT_OPEN';
    case 'cross-site':
      return 'ACCESS_CROSS_SITE';
    default:
      return 'ACCESS_INVALID_TOKEN';
  }
}
