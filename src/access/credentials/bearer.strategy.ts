import { Inject, Injectable, Optional } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy as PassportHttpBearerStrategy } from 'passport-http-bearer';
import type { FhirEndpoint } from '../../endpoints/index.js';
import { TokenVerifier } from '../../trust/index.js';
import {
  LOCAL_ACCESS_TOKENS,
  type AccessTokenClaims,
  type LocalAccessTokens,
  type TokenRejection,
  type TokenVerification,
} from '../../contract/index.js';
import { withActions } from './passport-actions.js';

/** What the strategy reads of a request: the one token, and the endpoint whose issuer must have made it. */
export interface BearerRequest {
  readonly token: string;
  /** Null: the own issuer, for the management API. */
  readonly endpoint: FhirEndpoint | null;
}

type Verified = (error: unknown, claims?: AccessTokenClaims | false, info?: TokenRejection) => void;
type Verify = (request: BearerRequest, token: string, done: Verified) => void;

/** b64token of RFC 6750 section 2.1. */
const tokenShape = /^[A-Za-z0-9\-._~+/]+=*$/;
const maximumLength = 8192;

/**
 * passport-http-bearer for a token that was found already: the original looks in header, body and query
 * without an off switch, takes an array for a token, and its 400 and its challenge are not RFC 6750's.
 */
class SinglePlaceStrategy extends withActions<Verify>(PassportHttpBearerStrategy) {
  override authenticate(request: BearerRequest): void {
    const { token } = request;
    if (token.length > maximumLength || !tokenShape.test(token)) {
      this.fail({
        check: 'token-form',
        expected: `a token of at most ${maximumLength} characters in the alphabet of RFC 6750`,
        actual: `${token.length} characters${tokenShape.test(token) ? '' : ', some outside of that alphabet'}`,
        remedy: 'Send the access token exactly as the token endpoint returned it.',
      } satisfies TokenRejection);
      return;
    }
    this._verify(request, token, (error, claims, info) => {
      if (error) this.error(error);
      else if (claims) this.success(claims);
      else this.fail(info ?? {});
    });
  }
}

/** Access tokens of the issuer that the endpoint trusts. */
@Injectable()
export class BearerStrategy extends PassportStrategy(SinglePlaceStrategy, 'bearer') {
  constructor(
    private readonly tokens: TokenVerifier,
    @Optional() @Inject(LOCAL_ACCESS_TOKENS) private readonly ownTokens?: LocalAccessTokens,
  ) {
    super({ passReqToCallback: true });
  }

  async validate(
    request: BearerRequest,
    token: string,
  ): Promise<AccessTokenClaims | [false, TokenRejection]> {
    const { endpoint } = request;
    const verification =
      endpoint === null ? await this.verifyOwn(token) : await this.tokens.verify(token, endpoint);
    return verification.ok ? verification.claims : [false, verification.rejection];
  }

  /** The management API trusts no other server's tokens. */
  private async verifyOwn(token: string): Promise<TokenVerification> {
    if (this.ownTokens !== undefined) return this.ownTokens.verify(token);
    return {
      ok: false,
      rejection: {
        check: 'token-issuer',
        expected: 'HTTP Basic: this process has no authorization server of its own',
        actual: 'an access token',
        remedy: 'Call the management API of a resource server by HTTP Basic.',
      },
    };
  }
}
