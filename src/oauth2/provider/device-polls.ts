import { Injectable } from '@nestjs/common';
import { Database, isDuplicateKey } from '../../platform/database/index.js';
import { artifactKey } from '../store/artifact-codec.js';

/** Milliseconds. A device that keeps to the five seconds of RFC 8628 is never too early, whatever the network does. */
const shortest = 4_500;
const longer = 5_000;
const longest = 60_000;

/** How often each device asks, in whichever process. https://www.rfc-editor.org/rfc/rfc8628#section-3.5 */
@Injectable()
export class DevicePolls {
  constructor(private readonly database: Database) {}

  /**
   * @param expiresAt of the device code, milliseconds
   * @returns false where the device asks too soon: it must wait five seconds longer from now on.
   */
  async pass(deviceCode: string, expiresAt: number, now = Date.now()): Promise<boolean> {
    const key = artifactKey(deviceCode);
    const inTime = await this.execute(
      'UPDATE oauth2_device_poll SET polled_at = ? WHERE id_hash = ? AND polled_at + wait <= ?',
      [now, key, now],
    );
    if (inTime === 1) return true;
    try {
      await this.execute(
        'INSERT INTO oauth2_device_poll (id_hash, polled_at, wait, expires_at) VALUES (?, ?, ?, ?)',
        [key, now, shortest, expiresAt],
      );
      return true;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    await this.execute(
      `UPDATE oauth2_device_poll SET polled_at = ?, wait = CASE WHEN wait < ? THEN wait + ? ELSE wait END
       WHERE id_hash = ?`,
      [now, longest, longer, key],
    );
    return false;
  }

  private execute(sql: string, values: readonly (number | Buffer)[]): Promise<number> {
    return this.database.transaction((session) => session.execute(sql, values));
  }
}
