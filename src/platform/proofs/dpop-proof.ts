import { createHash, type KeyObject } from 'node:crypto';
import {
  decodeJsonWebToken,
  isSignatureAlgorithm,
  maximumTokenLength,
  parseKeySet,
  signatureAlgorithmNames,
  verifySignature,
} from '../json-web/index.js';

/** What a proof must be about. */
export interface ProofExpectation {
  readonly method: string;
  /** Without query and fragment. */
  readonly url: string;
  readonly token: string;
  /** JWK thumbprint (RFC 7638) of the key that the token is bound to. */
  readonly thumbprint: string;
}

/** A proof whose signature and claims are right; whether it came before is not looked at. */
export interface Proof {
  readonly jti: string;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  readonly nonce: string | undefined;
}

export interface ProofProblem {
  readonly expected: string;
  readonly actual: string;
}

export type ProofResult =
  { readonly ok: true; readonly proof: Proof } | { readonly ok: false; readonly problem: ProofProblem };

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const longestId = 256;

/**
 * A proof of possession, checked as RFC 9449 section 4.3 says, without its time, nonce and uniqueness.
 * https://www.rfc-editor.org/rfc/rfc9449#section-4.3
 */
export function readProof(text: string | undefined, expected: ProofExpectation): ProofResult {
  if (text === undefined || text === '') return problem('one DPoP header', 'none');
  const token = text.length <= maximumTokenLength ? decodeJsonWebToken(text) : undefined;
  if (token === undefined) return problem('one DPoP header with a JWT', 'something else, or several');
  const { alg, typ, jwk, crit } = token.header;
  if (typ !== 'dpop+jwt') return problem('a proof of type dpop+jwt', 'another type');
  if (crit !== undefined) return problem('a header without crit', 'a header with crit');
  if (!isSignatureAlgorithm(alg)) {
    return problem(`one of the algorithms ${signatureAlgorithmNames.join(', ')}`, 'another algorithm');
  }
  if (typeof jwk !== 'object' || jwk === null || privateMembers.some((member) => member in jwk)) {
    return problem('a public key as jwk', 'none, or a private one');
  }
  const [key] = parseKeySet({ keys: [jwk] }) ?? [];
  if (key === undefined) return problem('an RSA or EC key that is strong enough', 'another key');
  if (!verifySignature(alg, key, token.signed, token.signature)) {
    return problem('a signature by the key of the proof', 'one that does not match');
  }
  if (thumbprintOf(key.key) !== expected.thumbprint) {
    return problem('the key that the token is bound to (cnf.jkt)', 'another key');
  }
  return readClaims(token.payload, expected);
}

function readClaims(payload: Readonly<Record<string, unknown>>, expected: ProofExpectation): ProofResult {
  const { htm, htu, iat, jti, ath, nonce } = payload;
  if (htm !== expected.method) return problem(`htm ${expected.method}`, 'another method');
  if (typeof htu !== 'string' || !isSameAddress(htu, expected.url)) {
    return problem(`htu ${expected.url}`, 'another address');
  }
  if (ath !== createHash('sha256').update(expected.token).digest('base64url')) {
    return problem('the hash of the access token as ath', 'another hash, or none');
  }
  if (typeof jti !== 'string' || jti === '' || jti.length > longestId) {
    return problem(`a jti of at most ${longestId} characters`, 'none, or a longer one');
  }
  if (typeof iat !== 'number' || !Number.isFinite(iat)) return problem('a time of issue (iat)', 'none');
  return {
    ok: true,
    proof: { jti, issuedAt: iat, nonce: typeof nonce === 'string' ? nonce : undefined },
  };
}

function isSameAddress(htu: string, url: string): boolean {
  if (!URL.canParse(htu) || !URL.canParse(url)) return false;
  const given = new URL(htu);
  given.search = '';
  given.hash = '';
  return given.href === new URL(url).href;
}

/** https://www.rfc-editor.org/rfc/rfc7638 */
function thumbprintOf(key: KeyObject): string {
  const { kty, n, e, crv, x, y } = key.export({ format: 'jwk' });
  const members = kty === 'RSA' ? { e, kty, n } : { crv, kty, x, y };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

function problem(expected: string, actual: string): ProofResult {
  return { ok: false, problem: { expected, actual } };
}
