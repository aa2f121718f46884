import { setImmediate as turn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { SecretBox } from '../../platform/crypto/index.js';
import { Database, isDuplicateKey, type SqlSession, type SqlValue } from '../../platform/database/index.js';
import { Signal } from '../../platform/events/index.js';
import { ArtifactCodec, artifactKey, type ArtifactPayload, type ArtifactRow } from './artifact-codec.js';
import type { Statements, Uses } from '../../users/index.js';
import { ArtifactWrites } from './artifact-writes.js';

/** A stored access token with what decides whether it is still good. */
export interface StoredToken {
  readonly model: string;
  readonly payload: ArtifactPayload;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** The token itself or the grant that it came from was revoked. */
  readonly revoked: boolean;
}

interface TokenRow extends ArtifactRow {
  readonly revoked_at: number | null;
  readonly grant_hash: Buffer | null;
  readonly grant_id_hash: Buffer | null;
  readonly grant_revoked_at: number | null;
}

/** What is deleted at once; a revoked token stays until it expires, so that a rejection can say what happened. */
const deletedModels = new Set(['Session', 'Interaction', 'ReplayDetection', 'UserCodeTry']);

const selected = 'SELECT id_hash, model, payload, consumed_at, expires_at FROM oauth2_artifact';

/**
 * Everything that the protocol engine keeps, in one table. The id of a token is the token, so a row is found by
 * its SHA-256 and holds no id; what must be found by another key holds its id encrypted.
 */
@Injectable()
export class ArtifactStore {
  /** Emits after something was revoked by this node. */
  readonly revoked = new Signal<undefined>();
  private readonly codec: ArtifactCodec;
  private readonly writes: ArtifactWrites;

  constructor(
    private readonly database: Database,
    secretBox: SecretBox,
  ) {
    this.codec = new ArtifactCodec(secretBox);
    this.writes = new ArtifactWrites(database);
  }

  /** Undefined where there is none or it was revoked; one that has expired is found until it is purged. */
  async find(model: string, id: string): Promise<ArtifactPayload | undefined> {
    const [row] = await this.database.query<ArtifactRow>(
      `${selected} WHERE id_hash = ? AND model = ? AND revoked_at IS NULL`,
      [artifactKey(id), model],
    );
    return row === undefined ? undefined : { ...this.codec.read(row), jti: id };
  }

  /** A session by its uid: its id comes out of the encrypted payload. */
  async findByUid(model: string, uid: string): Promise<ArtifactPayload | undefined> {
    return this.findSealed(model, 'uid', uid);
  }

  async findByUserCode(model: string, userCode: string): Promise<ArtifactPayload | undefined> {
    return this.findSealed(model, 'user_code', this.codec.userCodeKey(userCode));
  }

  /** Whatever access token has this id, with its grant: one statement by primary keys. */
  async findToken(id: string): Promise<StoredToken | undefined> {
    const [row] = await this.database.query<TokenRow>(
      `SELECT a.id_hash, a.model, a.payload, a.consumed_at, a.expires_at, a.revoked_at, a.grant_hash,
         g.id_hash AS grant_id_hash, g.revoked_at AS grant_revoked_at
       FROM oauth2_artifact a LEFT JOIN oauth2_artifact g ON g.id_hash = a.grant_hash WHERE a.id_hash = ?`,
      [artifactKey(id)],
    );
    if (row === undefined) return undefined;
    const grantEnded =
      row.grant_hash !== null && (row.grant_id_hash === null || row.grant_revoked_at !== null);
    return {
      model: row.model,
      payload: this.codec.read(row),
      expiresAt: row.expires_at,
      revoked: row.revoked_at !== null || grantEnded,
    };
  }

  /** @param lifetime seconds; what is there already is replaced, its consumption and revocation stay. */
  async save(model: string, id: string, payload: ArtifactPayload, lifetime: number): Promise<void> {
    await this.writes.save(this.codec.row(model, id, payload, lifetime));
  }

  /** @returns false where the id was there already. */
  async saveOnce(model: string, id: string, payload: ArtifactPayload, lifetime: number): Promise<boolean> {
    try {
      await this.writes.insert(this.codec.row(model, id, payload, lifetime));
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  /** When what is there of these expires or has expired, milliseconds since the epoch. */
  async expiriesOf(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const byKey = new Map(ids.map((id) => [artifactKey(id).toString('hex'), id]));
    const rows = await this.database.query<{ id_hash: Buffer; expires_at: number }>(
      `SELECT id_hash, expires_at FROM oauth2_artifact WHERE id_hash IN (${ids.map(() => '?').join(', ')})`,
      ids.map(artifactKey),
    );
    return new Map(rows.map((row) => [byKey.get(row.id_hash.toString('hex')) ?? '', row.expires_at]));
  }

  /** Makes room before the purge does. */
  async discardExpired(id: string): Promise<void> {
    await this.writes.transaction((session) =>
      session.execute('DELETE FROM oauth2_artifact WHERE id_hash = ? AND expires_at <= ?', [
        artifactKey(id),
        Date.now(),
      ]),
    );
  }

  /** @returns false where it was consumed or revoked before, which of parallel callers all but one are told. */
  async consume(id: string): Promise<boolean> {
    const changed = await this.writes.transaction((session) =>
      session.execute(
        'UPDATE oauth2_artifact SET consumed_at = ? WHERE id_hash = ? AND consumed_at IS NULL AND revoked_at IS NULL',
        [Date.now(), artifactKey(id)],
      ),
    );
    return changed === 1;
  }

  async destroy(model: string, id: string): Promise<void> {
    const key = artifactKey(id);
    if (deletedModels.has(model)) {
      await this.writes.transaction((session) =>
        session.execute('DELETE FROM oauth2_artifact WHERE id_hash = ?', [key]),
      );
      return;
    }
    await this.revoke((session) => session.execute(`${markRevoked} AND id_hash = ?`, [Date.now(), key]));
  }

  /** Ends the grant and every code and token that came from it. */
  async revokeGrant(grantId: string): Promise<void> {
    await this.revokeGrantByHash(artifactKey(grantId));
  }

  /** Ends the family of a code or refresh token that was used twice. */
  async revokeFamilyOf(id: string): Promise<void> {
    const [row] = await this.database.query<{ grant_hash: Buffer | null }>(
      'SELECT grant_hash FROM oauth2_artifact WHERE id_hash = ?',
      [artifactKey(id)],
    );
    if (row?.grant_hash != null) await this.revokeGrantByHash(row.grant_hash);
  }

  async revokeByGrantId(model: string, grantId: string): Promise<void> {
    await this.revoke((session) =>
      session.execute(`${markRevoked} AND grant_hash = ? AND model = ?`, [
        Date.now(),
        artifactKey(grantId),
        model,
      ]),
    );
  }

  /** Every token and grant of a client. */
  async revokeClient(clientId: string): Promise<void> {
    await this.revoke((session) => endClient(clientId, session));
  }

  /** Every token and grant that a client has from a user. @returns whether there was any */
  async revokeApproval(accountId: string, clientId: string): Promise<boolean> {
    const ended = await this.revoke((session) =>
      endAll(session, 'account_id = ? AND client_id = ?', [accountId, clientId]),
    );
    return ended > 0;
  }

  /**
   * Ends one grant of a user, with every code and token that came from it.
   *
   * @param hash of its id
   * @returns its client; undefined: the user has no such grant
   */
  async revokeGrantOf(accountId: string, hash: Buffer): Promise<string | undefined> {
    const [row] = await this.database.query<{ client_id: string | null }>(
      `SELECT client_id FROM oauth2_artifact
       WHERE id_hash = ? AND account_id = ? AND model = 'Grant' AND revoked_at IS NULL`,
      [hash, accountId],
    );
    if (row === undefined) return undefined;
    await this.revokeGrantByHash(hash);
    return row.client_id ?? '';
  }

  /** The sessions of a user that have not expired, the latest used first. */
  async sessionsOf(accountId: string, limit: number): Promise<readonly ArtifactPayload[]> {
    const rows = await this.database.query<ArtifactRow>(
      `${selected} WHERE account_id = ? AND model = 'Session' AND revoked_at IS NULL AND expires_at > ?
       ORDER BY expires_at DESC, id_hash LIMIT ?`,
      [accountId, Date.now(), limit],
    );
    return rows.map((row) => this.codec.read(row));
  }

  /**
   * A browser session with what it obtained and what doesn't outlive it: everything without `offline_access`. Its row
   * stays, so that a request that is under way doesn't bring it back.
   */
  async revokeSession(uid: string): Promise<void> {
    const rows = await this.database.query<ArtifactRow>(
      `${selected} WHERE uid = ? AND revoked_at IS NULL AND model IN ('AccessToken', 'RefreshToken', 'AuthorizationCode')`,
      [uid],
    );
    const ended = rows.filter((row) => {
      const { scope } = this.codec.read(row);
      return typeof scope !== 'string' || !scope.split(' ').includes('offline_access');
    });
    await this.revoke(async (session) => {
      await session.execute(`${markRevoked} AND uid = ? AND model = 'Session'`, [Date.now(), uid]);
      for (const row of ended) {
        await session.execute(`${markRevoked} AND id_hash = ?`, [Date.now(), row.id_hash]);
      }
    });
  }

  private async findSealed(
    model: string,
    column: 'uid' | 'user_code',
    value: string,
  ): Promise<ArtifactPayload | undefined> {
    const [row] = await this.database.query<ArtifactRow>(
      `${selected} WHERE ${column} = ? AND model = ? AND revoked_at IS NULL`,
      [value, model],
    );
    return row === undefined ? undefined : this.codec.read(row);
  }

  private async revokeGrantByHash(hash: Buffer): Promise<void> {
    const now = Date.now();
    await this.revoke(async (session) => {
      await session.execute(`${markRevoked} AND id_hash = ?`, [now, hash]);
      return session.execute(`${markRevoked} AND grant_hash = ?`, [now, hash]);
    });
  }

  private async revoke<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    const result = await this.writes.transaction(work);
    this.revoked.emit(undefined);
    return result;
  }
}

const markRevoked = 'UPDATE oauth2_artifact SET revoked_at = ? WHERE revoked_at IS NULL';
/** Rows of one statement on SQLite, where all else stands still meanwhile. */
const partSize = 500;

/**
 * Marks all that fulfils a condition as revoked; on SQLite a part a statement, and others have their turn in between.
 * An index must hold the columns of the condition and `revoked_at`, so that each part begins where the last one ended.
 *
 * @returns how many rows it was
 */
async function endAll(
  statements: Statements,
  condition: string,
  values: readonly SqlValue[],
): Promise<number> {
  const now = Date.now();
  if (statements.dialect === 'mysql') {
    return statements.execute(`${markRevoked} AND ${condition}`, [now, ...values]);
  }
  let ended = 0;
  for (;;) {
    const part = await statements.execute(
      `UPDATE oauth2_artifact SET revoked_at = ? WHERE id_hash IN
         (SELECT id_hash FROM oauth2_artifact WHERE ${condition} AND revoked_at IS NULL LIMIT ${partSize})`,
      [now, ...values],
    );
    ended += part;
    if (part < partSize) return ended;
    await turn();
  }
}

/**
 * Every token, grant and session of a user, in the transaction that disables or enables the account or changes its
 * password. Rows stay, so that a request that is under way doesn't bring a session back.
 */
export const endAccount: Uses = (accountId, statements) => endAll(statements, 'account_id = ?', [accountId]);

/** Every token and grant of a client, in the transaction that disables or enables it. */
export const endClient: Uses = (clientId, statements) => endAll(statements, 'client_id = ?', [clientId]);
