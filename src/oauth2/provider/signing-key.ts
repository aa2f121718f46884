import './runtime-notice.js';
import { createPrivateKey, createPublicKey, sign, type JsonWebKey, type KeyObject } from 'node:crypto';
import { ExternalSigningKey } from 'oidc-provider';
import type { JWK } from 'jose';

/**
 * A key that signs by `node:crypto`: an ES256 signature takes a quarter of the time that it takes by Web Crypto, whose
 * detour through another thread costs more than the signature. The private key is not readable in it.
 * https://www.rfc-editor.org/rfc/rfc7518#section-3
 */
export class SigningKey extends ExternalSigningKey {
  readonly #private: KeyObject;
  readonly #public: KeyObject;
  readonly #kid: string | undefined;
  readonly #alg: string | undefined;

  /** @param jwk private, of RS256 or ES256 */
  constructor(jwk: JWK) {
    super();
    this.#private = createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' });
    this.#public = createPublicKey(this.#private);
    this.#kid = jwk.kid;
    this.#alg = jwk.alg;
  }

  override get kid(): string | undefined {
    return this.#kid;
  }

  override get alg(): string | undefined {
    return this.#alg;
  }

  override keyObject(): KeyObject {
    return this.#public;
  }

  override sign(data: Uint8Array): Uint8Array | Promise<Uint8Array> {
    if (this.#alg === 'ES256') {
      return sign('sha256', data, { key: this.#private, dsaEncoding: 'ieee-p1363' });
    }
    // Half a millisecond, in which others are served.
    return new Promise((resolve, reject) => {
      sign('sha256', data, this.#private, (error, signature) => {
        if (error === null) resolve(signature);
        else reject(error);
      });
    });
  }
}
