import { createPublicKey, type KeyObject } from 'node:crypto';
import { suits, type VerificationKey } from './signature-algorithms.js';

const maximumKeys = 100;
/** Of RSA. What a signature costs to verify, a forged one too, grows with both: 0.3 ms at the most. */
const modulusBits = { least: 2048, most: 4096 };
const exponents = { least: 3n, most: 65_537n };

/** What keys are taken, for messages. */
export const acceptedKeys = `RSA of ${modulusBits.least} to ${modulusBits.most} bits with an exponent of at most ${exponents.most}, EC P-256 or P-384`;

/**
 * The signature keys of a JWK Set (RFC 7517 section 5, https://www.rfc-editor.org/rfc/rfc7517#section-5). Keys for
 * other uses, of other types, too short, too large or malformed are left out, symmetric ones in particular.
 *
 * @returns undefined where it is no JWK Set, or one of more than 100 keys.
 */
export function parseKeySet(json: Readonly<Record<string, unknown>>): VerificationKey[] | undefined {
  const { keys } = json;
  if (!Array.isArray(keys) || keys.length > maximumKeys) return undefined;
  return keys.flatMap((jwk: unknown) => {
    const key =
      typeof jwk === 'object' && jwk !== null ? parseKey(jwk as Record<string, unknown>) : undefined;
    return key === undefined ? [] : [key];
  });
}

function parseKey(jwk: Readonly<Record<string, unknown>>): VerificationKey | undefined {
  const { kty, kid, alg, use, key_ops: operations, crv } = jwk;
  if (kty !== 'RSA' && kty !== 'EC') return undefined;
  if (use !== undefined && use !== 'sig') return undefined;
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify')))
    return undefined;
  const key = publicKey(kty, jwk);
  if (key === undefined) return undefined;
  return {
    kid: typeof kid === 'string' ? kid : undefined,
    keyType: kty,
    curve: kty === 'EC' && typeof crv === 'string' ? crv : undefined,
    algorithm: typeof alg === 'string' ? alg : undefined,
    key,
  };
}

/** From the public members only, whatever else the JWK may carry. */
function publicKey(kty: 'RSA' | 'EC', jwk: Readonly<Record<string, unknown>>): KeyObject | undefined {
  try {
    const members = kty === 'RSA' ? ['n', 'e'] : ['crv', 'x', 'y'];
    const key = createPublicKey({
      key: { kty, ...Object.fromEntries(members.map((member) => [member, jwk[member]])) },
      format: 'jwk',
    });
    return kty === 'EC' || isWithinBounds(key) ? key : undefined;
  } catch {
    // Somebody else's key set: a key that can't be read is left out, as one of an unknown type is.
    return undefined;
  }
}

function isWithinBounds({ asymmetricKeyDetails }: KeyObject): boolean {
  const { modulusLength: bits = 0, publicExponent: exponent = 0n } = asymmetricKeyDetails ?? {};
  return (
    bits >= modulusBits.least &&
    bits <= modulusBits.most &&
    exponent >= exponents.least &&
    exponent <= exponents.most &&
    (exponent & 1n) === 1n
  );
}

export type KeyChoice =
  { readonly found: VerificationKey } | { readonly none: 'unknown' | 'ambiguous' | 'unsuitable' };

/** The one key that a header means; where two answer to a `kid`, none does. */
export function chooseKey(
  keys: readonly VerificationKey[],
  kid: string | undefined,
  algorithm: string,
): KeyChoice {
  const named = kid === undefined ? keys : keys.filter((key) => key.kid === kid);
  if (named.length === 0) return { none: 'unknown' };
  if (kid !== undefined && named.length > 1) return { none: 'ambiguous' };
  const [found, ...others] = named.filter((key) => suits(key, algorithm));
  if (found === undefined) return { none: kid === undefined ? 'unknown' : 'unsuitable' };
  return others.length > 0 ? { none: 'ambiguous' } : { found };
}
