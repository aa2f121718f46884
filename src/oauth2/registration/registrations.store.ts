import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database, type SqlRow } from '../../platform/database/index.js';

/** How a client came to be registered. */
export interface Registration {
  readonly clientId: string;
  /** Null: by open registration. */
  readonly initialAccessTokenId: string | null;
  /** The bound that its initial access token had. */
  readonly scope: string | null;
  readonly createdAt: number;
}

interface Row extends SqlRow {
  readonly client_id: string;
  readonly token_hash: Buffer;
  readonly initial_access_token_id: string | null;
  readonly scope: string | null;
  readonly created_at: number;
}

/** Registrations and the hashes of their registration access tokens. */
@Injectable()
export class RegistrationsStore {
  constructor(private readonly database: Database) {}

  /** @returns the registration access token, this once. */
  async add(registration: Registration): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    await this.database.transaction((session) =>
      session.execute(
        `INSERT INTO oauth2_registration (client_id, token_hash, initial_access_token_id, scope, created_at)
         VALUES (?, ?, ?, ?, ?)`,
        [
          registration.clientId,
          hash(token),
          registration.initialAccessTokenId,
          registration.scope,
          registration.createdAt,
        ],
      ),
    );
    return token;
  }

  /** Undefined: there is none, or the token is another one's. */
  async authenticate(clientId: string, token: string): Promise<Registration | undefined> {
    if (clientId.length > 128 || token.length > 512) return undefined;
    const [row] = await this.database.query<Row>(
      'SELECT client_id, token_hash, initial_access_token_id, scope, created_at FROM oauth2_registration WHERE client_id = ?',
      [clientId],
    );
    if (row === undefined || !timingSafeEqual(row.token_hash, hash(token))) return undefined;
    return {
      clientId: row.client_id,
      initialAccessTokenId: row.initial_access_token_id,
      scope: row.scope,
      createdAt: row.created_at,
    };
  }

  /** Puts a new token in the old one's place. @returns undefined where another request has done so before. */
  async rotate(clientId: string, oldToken: string): Promise<string | undefined> {
    const token = randomBytes(32).toString('base64url');
    const changed = await this.database.transaction((session) =>
      session.execute(
        'UPDATE oauth2_registration SET token_hash = ? WHERE client_id = ? AND token_hash = ?',
        [hash(token), clientId, hash(oldToken)],
      ),
    );
    return changed === 1 ? token : undefined;
  }

  async remove(clientId: string): Promise<void> {
    await this.database.transaction((session) =>
      session.execute('DELETE FROM oauth2_registration WHERE client_id = ?', [clientId]),
    );
  }
}

function hash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
