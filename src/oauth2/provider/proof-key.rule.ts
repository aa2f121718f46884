import {
  acceptedKeys,
  decodeJsonWebToken,
  maximumTokenLength,
  parseKeySet,
} from '../../platform/json-web/index.js';

/**
 * Why the key that a DPoP proof brings along isn't used, before anything is verified by it: its sender chooses it, and
 * with it what the signature costs. The engine's library bounds its size from below only.
 * https://www.rfc-editor.org/rfc/rfc9449#section-4.3
 *
 * @param proof value of the header `DPoP`
 * @returns undefined: it may be verified
 */
export function proofKeyProblem(proof: string): string | undefined {
  if (proof.length > maximumTokenLength) return `the proof is longer than ${maximumTokenLength} characters`;
  const jwk = decodeJsonWebToken(proof)?.header.jwk;
  if (typeof jwk !== 'object' || jwk === null) return undefined;
  return parseKeySet({ keys: [jwk] })?.length === 1 ? undefined : `its key is none of ${acceptedKeys}`;
}
