import { ExpiringCache } from '../../platform/cache/index.js';
import { FirekeepError } from '../../platform/errors/index.js';

const window = 10 * 60_000;
const perAddress = 20;
const altogether = 200;

/** Bounds what open registration lets strangers put into the database. */
export class RegistrationThrottle {
  private readonly counts = new ExpiringCache<string, { count: number }>({
    capacity: 10_000,
    lifetime: window,
  });

  /** @throws FirekeepError 429 `OAUTH2_REGISTRATION_THROTTLED` */
  pass(address: string): void {
    const own = this.counter(`address ${address}`);
    const all = this.counter('all');
    if (own.count >= perAddress || all.count >= altogether) {
      throw new FirekeepError(
        'throttled',
        'OAUTH2_REGISTRATION_THROTTLED',
        'too many registrations; wait and try again',
        { retryAfter: window / 1000 },
      );
    }
    own.count += 1;
    all.count += 1;
  }

  private counter(key: string): { count: number } {
    const known = this.counts.get(key);
    if (known !== undefined) return known;
    const fresh = { count: 0 };
    this.counts.set(key, fresh);
    return fresh;
  }
}
