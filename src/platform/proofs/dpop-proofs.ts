import { Injectable } from '@nestjs/common';
import { Settings } from '../config/index.js';
import { SecretBox } from '../crypto/index.js';
import { DpopNonces } from './dpop-nonces.js';
import { readProof, type ProofExpectation, type ProofProblem } from './dpop-proof.js';
import { SeenProofs } from './seen-proofs.js';

/** Seconds that the clocks of client and server may differ, and that a proof may be old. */
const window = 60;

/** Why a proof is rejected; the texts are for the administrator. */
export interface ProofRejection extends ProofProblem {
  readonly error: 'invalid_dpop_proof' | 'use_dpop_nonce';
  /** What the client is to use, with `use_dpop_nonce`. */
  readonly nonce?: string;
}

/** Proofs that a request comes from the holder of the key that its token is bound to: RFC 9449. */
@Injectable()
export class DpopProofs {
  private readonly nonces: DpopNonces | undefined;

  constructor(
    private readonly seen: SeenProofs,
    settings: Settings,
    secretBox: SecretBox,
  ) {
    if (settings.get('dpopNonce')) this.nonces = new DpopNonces(secretBox.derive(dpopNoncePurpose));
  }

  /** @param text of the DPoP header @returns undefined where it is good, and counts as used then. */
  async check(
    text: string | undefined,
    expected: ProofExpectation,
    now = Date.now(),
  ): Promise<ProofRejection | undefined> {
    const result = readProof(text, expected);
    if (!result.ok) return { error: 'invalid_dpop_proof', ...result.problem };
    const { jti, issuedAt, nonce } = result.proof;
    if (Math.abs(now / 1000 - issuedAt) > window) {
      return {
        error: 'invalid_dpop_proof',
        expected: `an iat within ${window} seconds of ${new Date(now).toISOString()}`,
        actual: `iat ${issuedAt}`,
      };
    }
    const { nonces } = this;
    if (nonces !== undefined && (nonce === undefined || !nonces.isGood(nonce))) {
      const actual = nonce === undefined ? 'a proof without a nonce' : 'a nonce that is too old';
      return { error: 'use_dpop_nonce', expected: 'a nonce of this server', actual, nonce: nonces.next() };
    }
    if (await this.seen.take(expected.thumbprint, jti, (issuedAt + 2 * window) * 1000)) return undefined;
    return {
      error: 'invalid_dpop_proof',
      expected: 'a proof that is used for the first time',
      actual: 'a jti that came before',
    };
  }
}

/** Of the secret that nonces are made from, here and by the protocol engine. */
export const dpopNoncePurpose = 'dpop-nonce';
