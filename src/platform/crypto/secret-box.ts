import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { FirekeepError } from '../errors/index.js';

const format = 1;

/**
 * Encrypts what is stored and must be read again (signing keys, client secrets of this server), and makes
 * keyed hashes of what need only be recognised. One key a purpose, derived from FIREKEEP_SECRET_KEY.
 */
export class SecretBox {
  private readonly keys = new Map<string, Buffer>();

  /** @param secretKey 32 bytes */
  constructor(private readonly secretKey: Buffer) {}

  /** AES-256-GCM; bound to `purpose` and `context` (for example the row's key), which opening must name again. */
  seal(purpose: string, plain: string, context = ''): Buffer {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.key(purpose), nonce);
    cipher.setAAD(Buffer.from(context));
    const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.of(format), nonce, cipher.getAuthTag(), sealed]);
  }

  /** @throws FirekeepError `CRYPTO_UNREADABLE` where the key is another one or the bytes were changed. */
  open(purpose: string, sealed: Buffer, context = ''): string {
    try {
      if (sealed[0] !== format) throw new Error('unknown format');
      const decipher = createDecipheriv('aes-256-gcm', this.key(purpose), sealed.subarray(1, 13));
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(sealed.subarray(13, 29));
      return decipher.update(sealed.subarray(29), undefined, 'utf8') + decipher.final('utf8');
    } catch (cause) {
      throw new FirekeepError(
        'internal',
        'CRYPTO_UNREADABLE',
        "A stored secret can't be read with this FIREKEEP_SECRET_KEY. Start with the key that the database was set up with.",
        { cause },
      );
    }
  }

  /** HMAC-SHA-256, hex. */
  digest(purpose: string, text: string): string {
    return createHmac('sha256', this.key(`digest:${purpose}`))
      .update(text)
      .digest('hex');
  }

  /** Raw key material of a purpose, for signers that take a key. */
  derive(purpose: string): Buffer {
    return Buffer.from(this.key(`derive:${purpose}`));
  }

  private key(purpose: string): Buffer {
    const known = this.keys.get(purpose);
    if (known !== undefined) return known;
    const key = Buffer.from(hkdfSync('sha256', this.secretKey, Buffer.alloc(0), `firekeep:${purpose}`, 32));
    this.keys.set(purpose, key);
    return key;
  }
}
