import { randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SecretBox } from '../../platform/crypto/index.js';
import { network } from '../../users/index.js';
import { ArtifactStore } from '../store/artifact-store.js';

/** Seconds. */
const window = 10 * 60;
const perAddress = 10;
const model = 'UserCodeTry';

/** A try that may be made, or how many seconds to wait where there is none left. */
export type UserCodeTry = { readonly place: string } | { readonly wait: number };

/**
 * Bounds how many user codes an address, of IPv6 a /64, may try, beside the 34 bits that a code has, in whichever process: each try
 * takes one of ten places for ten minutes, and leaves it where the code turns out right.
 * https://www.rfc-editor.org/rfc/rfc8628#section-5.1
 */
@Injectable()
export class UserCodeThrottle {
  constructor(
    private readonly artifacts: ArtifactStore,
    private readonly secretBox: SecretBox,
  ) {}

  async take(address: string): Promise<UserCodeTry> {
    const now = Date.now();
    const places = this.placesOf(address);
    const known = await this.artifacts.expiriesOf(places);
    // Tries at the same time begin at different places.
    const first = randomInt(perAddress);
    for (const place of [...places.slice(first), ...places.slice(0, first)]) {
      const expiresAt = known.get(place);
      if (expiresAt !== undefined && expiresAt > now) continue;
      if (expiresAt !== undefined) await this.artifacts.discardExpired(place);
      if (await this.artifacts.saveOnce(model, place, {}, window)) return { place };
    }
    const soonest = Math.min(...[...known.values()].filter((time) => time > now), now + window * 1000);
    return { wait: Math.max((soonest - now) / 1000, 1) };
  }

  /** The try was right. @param place what `take` gave */
  giveBack(place: string): Promise<void> {
    return this.artifacts.destroy(model, place);
  }

  /** There are few addresses: their hashes have a key. */
  private placesOf(address: string): string[] {
    const mark = this.secretBox.digest('oauth2-user-code-try', network(address));
    return Array.from({ length: perAddress }, (_none, index) => `${model} ${mark} ${index}`);
  }
}
