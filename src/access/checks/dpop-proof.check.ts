import { Injectable } from '@nestjs/common';
import { DpopProofs, type ProofRejection } from '../../platform/proofs/index.js';
import type { AccessTokenClaims } from '../../contract/index.js';
import type { Check, CheckContext, CheckFailure } from './check.js';
import { presentedToken } from '../credentials/presented-credentials.js';

/**
 * A token that is bound to a key comes with a proof by that key, and by the scheme DPoP only; a token that is not
 * bound comes as bearer token only. https://www.rfc-editor.org/rfc/rfc9449#section-7
 */
@Injectable()
export class DpopProofCheck implements Check {
  readonly name = 'dpop-proof';
  readonly isOfCredentials = true;

  constructor(private readonly proofs: DpopProofs) {}

  applies({ claims }: CheckContext): boolean {
    return claims !== undefined;
  }

  run(context: CheckContext): Promise<CheckFailure | undefined> | CheckFailure | undefined {
    const { claims, credentials } = context;
    if (claims === undefined) return undefined;
    const byProof = credentials.scheme === 'dpop';
    if (claims.keyThumbprint === null) return byProof ? notBound : undefined;
    return byProof ? this.verify(context, claims, claims.keyThumbprint) : withoutProof;
  }

  private async verify(
    { target, credentials }: CheckContext,
    claims: AccessTokenClaims,
    thumbprint: string,
  ): Promise<CheckFailure | undefined> {
    const { dpop } = target.headers;
    const rejection = await this.proofs.check(typeof dpop === 'string' ? dpop : undefined, {
      method: target.method,
      url: target.url,
      token: presentedToken(credentials) ?? '',
      thumbprint,
    });
    return rejection === undefined ? undefined : failure(rejection, claims.clientId);
  }
}

function failure(rejection: ProofRejection, clientId: string): CheckFailure {
  const { error, expected, actual, nonce } = rejection;
  return {
    category: 'unauthenticated',
    error,
    message:
      error === 'use_dpop_nonce'
        ? 'The DPoP proof needs the nonce of the header DPoP-Nonce.'
        : 'The DPoP proof is malformed, too old, used before, or about another request or key.',
    ...(nonce === undefined ? {} : { nonce }),
    expected,
    actual,
    remedy: 'Make a new proof for each request, by the key that the token was asked for with.',
    setting: `client ${clientId}; clocks of client and server; FIREKEEP_PUBLIC_URL; FIREKEEP_DPOP_NONCE`,
  };
}

const failed = {
  category: 'unauthenticated',
  error: 'invalid_token',
  setting: 'client that the token was given to',
} as const;

const withoutProof: CheckFailure = {
  ...failed,
  message: 'The access token is bound to a key: it is good with the scheme DPoP and a proof only.',
  expected: 'Authorization: DPoP with a proof by the key that the token is bound to',
  actual: 'the token as a bearer token',
  remedy:
    'Send the token with the scheme DPoP and a proof. If the client has not sent it, the token was stolen.',
};

const notBound: CheckFailure = {
  ...failed,
  message: 'The access token is not bound to a key: send it as a bearer token.',
  expected: 'a token that is bound to a key (cnf.jkt)',
  actual: 'a bearer token with the scheme DPoP',
  remedy: 'Ask for the token with a DPoP proof, or send it with the scheme Bearer.',
};
