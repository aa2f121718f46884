import { Injectable } from '@nestjs/common';
import type { CheckMode } from '../../contract/index.js';
import type { Check, CheckContext, CheckFailure } from './check.js';

/** Places of a token, by check mode: what RFC 9728 announces as `bearer_methods_supported`. */
const takesParameter: Readonly<Record<CheckMode, boolean>> = {
  bearer: false,
  'basic-and-bearer': true,
  basic: true,
  open: false,
};

/**
 * Credentials stand in one place each, and the token in one place only.
 * https://www.rfc-editor.org/rfc/rfc6750#section-2
 */
@Injectable()
export class CredentialsFormCheck implements Check {
  readonly name = 'credentials-form';
  readonly isOfCredentials = true;

  run({ target, credentials }: CheckContext): CheckFailure | undefined {
    const { scheme, parameterTokens, repeatedHeader } = credentials;
    if (repeatedHeader) return invalid('one Authorization header', 'more than one');
    if (scheme === 'other')
      return invalid('the scheme Basic, Bearer or DPoP', 'another scheme in Authorization');
    if (parameterTokens.length > 1) {
      return invalid('access_token once', `access_token ${parameterTokens.length} times`);
    }
    if (parameterTokens[0] === '') return invalid('a token in access_token', 'access_token without a value');
    if ((scheme === 'bearer' || scheme === 'dpop') && parameterTokens.length > 0) {
      return invalid('the token in one place', 'a token in the header and in access_token');
    }
    if (parameterTokens.length > 0 && !takesParameter[target.mode]) {
      return invalid('the token in the header Authorization', 'the token in access_token');
    }
    return undefined;
  }
}

function invalid(expected: string, actual: string): CheckFailure {
  return {
    category: 'invalid',
    error: 'invalid_request',
    message: `The request must bring ${expected}; it brings ${actual}.`,
    expected,
    actual,
    remedy: 'Correct the request; the check mode of the endpoint says where credentials belong.',
    setting: 'check mode of the endpoint',
  };
}
