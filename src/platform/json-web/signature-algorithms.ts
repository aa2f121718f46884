import { constants, verify, type KeyObject } from 'node:crypto';

interface SignatureAlgorithm {
  readonly keyType: 'RSA' | 'EC';
  readonly curve?: 'P-256' | 'P-384';
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  readonly pss?: true;
}

/**
 * The only algorithms that a token may be signed with (RFC 7518 section 3.1). `none` and the HMAC ones are not
 * among them, so that neither a missing signature nor a public key taken for a secret passes.
 */
const algorithms = new Map<string, SignatureAlgorithm>([
  ['RS256', { keyType: 'RSA', hash: 'sha256' }],
  ['RS384', { keyType: 'RSA', hash: 'sha384' }],
  ['RS512', { keyType: 'RSA', hash: 'sha512' }],
  ['PS256', { keyType: 'RSA', hash: 'sha256', pss: true }],
  ['PS384', { keyType: 'RSA', hash: 'sha384', pss: true }],
  ['PS512', { keyType: 'RSA', hash: 'sha512', pss: true }],
  ['ES256', { keyType: 'EC', curve: 'P-256', hash: 'sha256' }],
  ['ES384', { keyType: 'EC', curve: 'P-384', hash: 'sha384' }],
]);

export const signatureAlgorithmNames: readonly string[] = [...algorithms.keys()];

/** A public key of an issuer, with what its JWK says of its use. */
export interface VerificationKey {
  readonly kid: string | undefined;
  readonly keyType: 'RSA' | 'EC';
  readonly curve: string | undefined;
  /** The only algorithm that it is for, where the JWK names one. */
  readonly algorithm: string | undefined;
  readonly key: KeyObject;
}

export function isSignatureAlgorithm(name: unknown): name is string {
  return typeof name === 'string' && algorithms.has(name);
}

/** Whether a signature by `algorithm` can be one of this key. */
export function suits(key: VerificationKey, algorithm: string): boolean {
  const definition = algorithms.get(algorithm);
  return (
    definition?.keyType === key.keyType &&
    definition.curve === key.curve &&
    (key.algorithm === undefined || key.algorithm === algorithm)
  );
}

export function verifySignature(
  algorithm: string,
  key: VerificationKey,
  signed: string,
  signature: Buffer,
): boolean {
  const definition = algorithms.get(algorithm);
  if (definition === undefined || !suits(key, algorithm)) return false;
  const options =
    definition.keyType === 'EC'
      ? { key: key.key, dsaEncoding: 'ieee-p1363' as const }
      : definition.pss === true
        ? {
            key: key.key,
            padding: constants.RSA_PKCS1_PSS_PADDING,
            saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
          }
        : { key: key.key, padding: constants.RSA_PKCS1_PADDING };
  try {
    return verify(definition.hash, Buffer.from(signed), options, signature);
  } catch {
    // Node throws where the signature has no form that could be right.
    return false;
  }
}
