import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/index.js';
import { addressKey } from './address-rows.js';

/** Clients by their addresses: each is one statement by a key, however many clients there are. */
@Injectable()
export class ClientLookup {
  constructor(private readonly database: Database) {}

  /**
   * What an enabled client is to the origin of one of its redirect URIs: `approved` where an administrator made the
   * client or named the URI, `registered` where a client alone did.
   *
   * @param origin as browsers send it
   */
  async standingOf(origin: string): Promise<'approved' | 'registered' | undefined> {
    const [row] = await this.database.query<{ approved: number }>(
      `SELECT o.approved FROM oauth_client_origin o JOIN oauth_client c ON c.client_id = o.client_id
       WHERE o.origin_hash = ? AND c.enabled = 1 ORDER BY o.approved DESC LIMIT 1`,
      [addressKey(origin)],
    );
    if (row === undefined) return undefined;
    return row.approved === 1 ? 'approved' : 'registered';
  }

  /** Id of the enabled resource server that has the base URL; of several the first. @param base without a slash at the end */
  async resourceServerAt(base: string): Promise<string | undefined> {
    const [row] = await this.database.query<{ client_id: string }>(
      `SELECT r.client_id FROM oauth_client_resource r JOIN oauth_client c ON c.client_id = r.client_id
       WHERE r.base_hash = ? AND c.enabled = 1 ORDER BY r.client_id LIMIT 1`,
      [addressKey(base)],
    );
    return row?.client_id;
  }

  /** Base URLs of enabled resource servers, by client id. */
  async resources(limit: number): Promise<string[]> {
    const rows = await this.database.query<{ base: string }>(
      `SELECT r.base FROM oauth_client_resource r JOIN oauth_client c ON c.client_id = r.client_id
       WHERE c.enabled = 1 ORDER BY r.client_id, r.place LIMIT ?`,
      [limit],
    );
    return rows.map(({ base }) => base);
  }
}
