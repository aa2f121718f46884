import { Injectable } from '@nestjs/common';
import { compactVerify, decodeProtectedHeader } from 'jose';
import { Settings } from '../../platform/config/index.js';
import { SecretBox } from '../../platform/crypto/index.js';
import { KeyRing, signingAlgorithms } from '../keys/key-ring.js';

/**
 * JWT access tokens (RFC 9068) are kept under a handle that only this server can make from their `jti`: the
 * `jti` itself, which resource servers see, is no token.
 */
@Injectable()
export class JwtAccessTokens {
  constructor(
    private readonly keys: KeyRing,
    private readonly secretBox: SecretBox,
    private readonly settings: Settings,
  ) {}

  handleOf(jti: string): string {
    return this.secretBox.digest('oauth2-jwt-access-token', jti);
  }

  /** The handle of a token that this server signed; undefined for anything else. Its time is not looked at. */
  async handleOfToken(token: string): Promise<string | undefined> {
    try {
      const { alg, kid } = decodeProtectedHeader(token);
      if (kid === undefined || !(signingAlgorithms as readonly (string | undefined)[]).includes(alg)) {
        return undefined;
      }
      const key = this.keys.publicKey(kid, alg ?? '');
      if (key === undefined) return undefined;
      const { payload, protectedHeader } = await compactVerify(token, key, {
        algorithms: [...signingAlgorithms],
      });
      // An id_token is signed by the same keys.
      if (protectedHeader.typ !== 'at+jwt') return undefined;
      const claims = JSON.parse(new TextDecoder().decode(payload)) as { jti?: unknown; iss?: unknown };
      if (claims.iss !== this.settings.issuer || typeof claims.jti !== 'string') {
        return undefined;
      }
      return this.handleOf(claims.jti);
    } catch {
      // Whatever keeps it from being read or verified, it is no token of this server.
      return undefined;
    }
  }
}

/** Three parts with dots: what no opaque token looks like. */
export function looksLikeJwt(token: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token);
}
