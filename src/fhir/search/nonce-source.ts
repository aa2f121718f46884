import { randomFillSync } from 'node:crypto';

/** Nonces that are drawn at once: a call for random bytes takes as long as the encryption that they are for. */
const DRAWN = 256;

/** Random nonces, each given once. */
export class NonceSource {
  private readonly drawn: Buffer;
  private at: number;

  /** @param length bytes of a nonce */
  constructor(private readonly length: number) {
    this.drawn = Buffer.alloc(length * DRAWN);
    this.at = this.drawn.length;
  }

  next(): Buffer {
    if (this.at === this.drawn.length) {
      randomFillSync(this.drawn);
      this.at = 0;
    }
    const nonce = Buffer.from(this.drawn.subarray(this.at, this.at + this.length));
    this.at += this.length;
    return nonce;
  }
}
