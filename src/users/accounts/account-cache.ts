import { Injectable } from '@nestjs/common';
import { ExpiringCache } from '../../platform/cache/index.js';
import { Database } from '../../platform/database/index.js';
import type { User } from './user.js';

/** An account with what a password check needs. */
export interface Account {
  /** Enabled: here, and at the source that it comes from. */
  readonly user: User;
  /** Null: a source checks the password. */
  readonly passwordHash: string | null;
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
  readonly source: string | null;
  readonly source_id: string | null;
  readonly source_active: number | null;
  readonly source_checked_at: number | null;
  readonly password_hash: string | null;
  readonly generation: number | null;
}

const selectAccount = `SELECT u.id, u.username, u.roles, u.fhir_user, u.enabled, u.version, u.created_at, u.updated_at,
  u.source, u.source_id, u.source_active, u.source_checked_at, c.password_hash, c.generation
  FROM user_account u LEFT JOIN user_credential c ON c.username = u.username WHERE u.username = ?`;

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
    const sourceActive = row.source_active === null ? null : row.source_active !== 0;
    return {
      user: {
        id: row.id,
        username: row.username,
        roles: JSON.parse(row.roles) as string[],
        fhirUser: row.fhir_user,
        enabled: row.enabled !== 0 && (row.source === null || sourceActive === true),
        version: row.version,
        createdAt: row.created_at,
        updatedAt: row.updated_at,
        source: row.source,
        sourceId: row.source_id,
        sourceActive,
        sourceCheckedAt: row.source_checked_at,
      },
      passwordHash: row.source === null ? row.password_hash : null,
      credentialGeneration: row.generation ?? 0,
    };
  }
}
