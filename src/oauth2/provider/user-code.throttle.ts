import { ExpiringCache } from '../../platform/cache/index.js';

const window = 10 * 60_000;
const perAddress = 10;

/**
 * Bounds how many user codes an address may try, beside the 34 bits that a code has: every try counts until it turns
 * out right. https://www.rfc-editor.org/rfc/rfc8628#section-5.1
 */
export class UserCodeThrottle {
  private readonly counts = new ExpiringCache<string, { count: number; readonly since: number }>({
    capacity: 50_000,
    lifetime: window,
  });

  /** Takes one try. @returns seconds to wait where there is none left. */
  take(address: string): number | undefined {
    const known = this.counts.get(address);
    if (known === undefined) {
      this.counts.set(address, { count: 1, since: Date.now() });
      return undefined;
    }
    if (known.count >= perAddress) return Math.max((known.since + window - Date.now()) / 1000, 1);
    known.count += 1;
    return undefined;
  }

  /** The try was right. */
  giveBack(address: string): void {
    const known = this.counts.get(address);
    if (known !== undefined) known.count -= 1;
  }
}
