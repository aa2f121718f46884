import { parseObject } from './parse-object.js';

/** A token in the JWS compact form, decoded and not verified. */
export interface JsonWebToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
  /** What the signature is over. */
  readonly signed: string;
  readonly signature: Buffer;
}

/** Longest access token that is looked at, in characters. */
export const maximumTokenLength = 8192;

const bearerShape = /^[A-Za-z0-9\-._~+/]+=*$/;
const compactShape = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)$/;

/** Whether the text can be an access token at all (RFC 6750 section 2.1, `b64token`). */
export function isBearerToken(token: string): boolean {
  return token.length > 0 && token.length <= maximumTokenLength && bearerShape.test(token);
}

/**
 * The parts of a JWS in compact form (RFC 7515 section 3.1, https://www.rfc-editor.org/rfc/rfc7515#section-3.1).
 *
 * @returns undefined where it is something else: an opaque token.
 */
export function decodeJsonWebToken(token: string): JsonWebToken | undefined {
  const [, header, payload, signature] = compactShape.exec(token) ?? [];
  if (header === undefined || payload === undefined || signature === undefined) return undefined;
  const headerObject = decodeObject(header);
  if (headerObject?.alg === undefined) return undefined;
  const payloadObject = decodeObject(payload);
  if (payloadObject === undefined) return undefined;
  return {
    header: headerObject,
    payload: payloadObject,
    signed: token.slice(0, header.length + 1 + payload.length),
    signature: Buffer.from(signature, 'base64url'),
  };
}

function decodeObject(part: string): Record<string, unknown> | undefined {
  return parseObject(Buffer.from(part, 'base64url').toString('utf8'));
}
