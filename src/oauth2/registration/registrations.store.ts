import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ClientsService } from '../../clients/index.js';
import { Database, type SqlRow } from '../../platform/database/index.js';
import type { Statements } from '../../users/index.js';

/** How a client came to be registered. */
export interface Registration {
  readonly clientId: string;
  /** Null: by open registration. */
  readonly initialAccessTokenId: string | null;
  /** The bound that its initial access token had. */
  readonly scope: string | null;
  /** Below which a resource server may register; null: from before there was such a bound, or an app. */
  readonly baseUrls: readonly string[] | null;
  readonly createdAt: number;
}

interface Row extends SqlRow {
  readonly client_id: string;
  readonly token_hash: Buffer;
  readonly initial_access_token_id: string | null;
  readonly scope: string | null;
  readonly base_urls: string | null;
  readonly created_at: number;
}

const removal = 'DELETE FROM oauth2_registration WHERE client_id = ?';

/** Registrations and the hashes of their registration access tokens. */
@Injectable()
export class RegistrationsStore implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly clients: ClientsService,
  ) {}

  /** What may be managed by a token ends with the client, whoever removes it. */
  onModuleInit(): void {
    this.clients.removeWithClient((clientId, statements) => statements.execute(removal, [clientId]));
  }

  /** @returns the registration access token, this once. */
  async add(registration: Registration): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    await this.database.transaction((session) =>
      session.execute(
        `INSERT INTO oauth2_registration (client_id, token_hash, initial_access_token_id, scope, base_urls, created_at)
         VALUES (?, ?, ?, ?, ?, ?)`,
        [
          registration.clientId,
          hash(token),
          registration.initialAccessTokenId,
          registration.scope,
          registration.baseUrls === null ? null : JSON.stringify(registration.baseUrls),
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
      `SELECT client_id, token_hash, initial_access_token_id, scope, base_urls, created_at
       FROM oauth2_registration WHERE client_id = ?`,
      [clientId],
    );
    if (row === undefined || !timingSafeEqual(row.token_hash, hash(token))) return undefined;
    return {
      clientId: row.client_id,
      initialAccessTokenId: row.initial_access_token_id,
      scope: row.scope,
      baseUrls: row.base_urls === null ? null : (JSON.parse(row.base_urls) as string[]),
      createdAt: row.created_at,
    };
  }

  /**
   * Puts a new token in the old one's place, in the transaction under way.
   *
   * @returns undefined where another request has done so before, or the token was ended
   */
  async rotate(statements: Statements, clientId: string, oldToken: string): Promise<string | undefined> {
    const token = randomBytes(32).toString('base64url');
    const changed = await statements.execute(
      'UPDATE oauth2_registration SET token_hash = ? WHERE client_id = ? AND token_hash = ?',
      [hash(token), clientId, hash(oldToken)],
    );
    return changed === 1 ? token : undefined;
  }

  /** Uses the token up, in the transaction under way. @returns false where it is not good any more */
  async useUp(statements: Statements, clientId: string, token: string): Promise<boolean> {
    return (await statements.execute(`${removal} AND token_hash = ?`, [clientId, hash(token)])) === 1;
  }

  /** @returns whether there was any */
  async remove(clientId: string): Promise<boolean> {
    return (await this.database.transaction((session) => session.execute(removal, [clientId]))) > 0;
  }
}

function hash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
