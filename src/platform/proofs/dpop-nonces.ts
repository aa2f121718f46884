import { hkdfSync, timingSafeEqual } from 'node:crypto';

/** Seconds that one nonce is the newest. */
const step = 60;
const tolerated = [-2, -1, 0, 1, 2];

/**
 * Nonces by the clock, the same in every process and as the protocol engine makes them from the same secret, so that
 * a client that keeps one for both is not sent back and forth. https://www.rfc-editor.org/rfc/rfc9449#section-8
 */
export class DpopNonces {
  /** @param secret 32 bytes */
  constructor(
    private readonly secret: Buffer,
    private readonly now: () => number = Date.now,
  ) {}

  next(): string {
    return this.at(this.current() + 1);
  }

  isGood(nonce: string): boolean {
    const given = Buffer.from(nonce);
    return tolerated.some((distance) => {
      const expected = Buffer.from(this.at(this.current() + distance));
      return expected.length === given.length && timingSafeEqual(expected, given);
    });
  }

  private current(): number {
    return Math.floor(this.now() / 1000 / step);
  }

  private at(number: number): string {
    const salt = Buffer.alloc(8);
    salt.writeBigUInt64BE(BigInt(number));
    return Buffer.from(hkdfSync('sha256', this.secret, salt, 'DPoP', 32)).toString('base64url');
  }
}
