import { Injectable } from '@nestjs/common';
import type { Check, CheckContext, CheckFailure } from './check.js';

/** The endpoint's check mode asks for HTTP Basic. https://www.rfc-editor.org/rfc/rfc7617 */
@Injectable()
export class BasicPresentCheck implements Check {
  readonly name = 'basic-present';
  readonly isOfCredentials = true;

  run({ target, credentials }: CheckContext): CheckFailure | undefined {
    if (credentials.scheme === 'basic') return undefined;
    const brought = isOfToken(credentials.scheme) || credentials.parameterTokens.length > 0;
    return absent(
      `HTTP Basic (check mode ${target.mode})`,
      brought ? 'a token without HTTP Basic' : 'no credentials',
      target.mode === 'basic-and-bearer'
        ? 'Send user and password by HTTP Basic, and the access token of the same user in access_token.'
        : 'Send user and password by HTTP Basic.',
    );
  }
}

/** The endpoint's check mode asks for an access token. https://www.rfc-editor.org/rfc/rfc6750#section-3 */
@Injectable()
export class TokenPresentCheck implements Check {
  readonly name = 'token-present';
  readonly isOfCredentials = true;

  run({ target, credentials }: CheckContext): CheckFailure | undefined {
    const inHeader = target.mode === 'bearer' && isOfToken(credentials.scheme);
    if (inHeader || credentials.parameterTokens.length > 0) return undefined;
    return absent(
      `an access token (check mode ${target.mode})`,
      credentials.scheme === 'basic' ? 'HTTP Basic without a token' : 'no token',
      target.mode === 'bearer'
        ? 'Get a token from the authorization server and send it as Authorization: Bearer.'
        : 'Get a token of the same user from the authorization server and send it in access_token beside HTTP Basic.',
    );
  }
}

function isOfToken(scheme: string | null): boolean {
  return scheme === 'bearer' || scheme === 'dpop';
}

function absent(expected: string, actual: string, remedy: string): CheckFailure {
  return {
    category: 'unauthenticated',
    error: null,
    message: 'This endpoint needs credentials.',
    expected,
    actual,
    remedy,
    setting: 'check mode of the endpoint',
  };
}
