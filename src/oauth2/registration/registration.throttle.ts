import { Injectable } from '@nestjs/common';
import { SecretBox } from '../../platform/crypto/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { AttemptCounts } from '../../platform/throttling/index.js';
import { network } from '../../users/index.js';

const window = 10 * 60_000;
const perAddress = 20;
const altogether = 200;
/** Addresses share this many counts, so that there are never more rows. */
const hexDigits = 5;

/** Bounds what open registration lets strangers put into the database, in whichever process. */
@Injectable()
export class RegistrationThrottle {
  constructor(
    private readonly counts: AttemptCounts,
    private readonly secretBox: SecretBox,
  ) {}

  /** @throws FirekeepError 429 `OAUTH2_REGISTRATION_THROTTLED` */
  async pass(address: string): Promise<void> {
    const mark = this.secretBox.digest('registration-address', network(address)).slice(0, hexDigits);
    const each = { first: window, longest: window, memory: window, renewed: false };
    const wait = await this.counts.take([
      { ...each, name: `registration address ${mark}`, free: perAddress },
      { ...each, name: 'registration all', free: altogether },
    ]);
    if (wait === 0) return;
    throw new FirekeepError(
      'throttled',
      'OAUTH2_REGISTRATION_THROTTLED',
      'too many registrations; wait and try again',
      { retryAfter: wait / 1000 },
    );
  }
}
