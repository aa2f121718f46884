import { Injectable } from '@nestjs/common';
import { ExpiringCache } from '../../platform/cache/index.js';
import { Database } from '../../platform/database/index.js';
import type { User } from './user.js';

/** An account with what a password check needs. */
export interface Account {
  readonly user: User;
  readonly passwordHash: string;
  /** Changes with every new password. */
  readonly credentialGeneration: number;
}

interface AccountRow extends Record<string, unknown> {
  readonly id: number;
  readonly username: string;
  readonly roles: string;
  readonly fhir_user: string | null;
  readonly enabled: number;
  readonly version: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly password_hash: string;
  readonly generation: number;
}

const selectAccount = `SELECT u.id, u.username, u.roles, u.fhir_user, u.enabled, u.version, u.created_at, u.updated_at,
  c.password_hash, c.generation
  FROM user_account u JOIN user_credential c ON c.username = u.username WHERE u.username = ?`;

/** Accounts by name, at most two seconds old; a change on this node shows at once. */
@Injectable()
export class AccountCache {
  private readonly cache = new ExpiringCache<string, Account>({ capacity: 5_000, lifetime: 2_000 });

  constructor(private readonly database: Database) {}

  find(username: string): Promise<Account | undefined> {
    return this.cache.load(username, () => this.read(username));
  }

  forget(username: string): void {
    this.cache.delete(username);
  }

  private async read(username: string): Promise<Account | undefined> {
    const [row] = await this.database.query<AccountRow>(selectAccount, [username]);
    if (row === undefined) return undefined;
    return {
      user: {
        id: row.id,
        username: row.username,
        roles: JSON.parse(row.roles) as string[],
        fhirUser: row.fhir_user,
        enabled: row.enabled !== 0,
        version: row.version,
        createdAt: row.created_at,
        updatedAt: row.updated_at,
      },
      passwordHash: row.password_hash,
      credentialGeneration: row.generation,
    };
  }
}
