import {
  insertRows,
  isRetryable,
  isUnreachable,
  unavailable,
  type Database,
  type SqlSession,
  type SqlValue,
} from '../../platform/database/index.js';
import { FirekeepError } from '../../platform/errors/index.js';

const table = 'oauth2_artifact';
const columns = [
  ...['id_hash', 'model', 'grant_hash', 'uid', 'user_code', 'account_id', 'client_id', 'payload'],
  ...['issued_at', 'expires_at'],
];
const replaced = ['grant_hash', 'uid', 'user_code', 'account_id', 'client_id', 'payload', 'expires_at'];
const onDuplicate = {
  sqlite: `ON CONFLICT (id_hash) DO UPDATE SET ${replaced.map((name) => `${name} = excluded.${name}`).join(', ')}`,
  mysql: `ON DUPLICATE KEY UPDATE ${replaced.map((name) => `${name} = VALUES(${name})`).join(', ')}`,
} as const;

const transactionRows = 256;
const attempts = 4;

/** Values of a row, without `consumed_at` and `revoked_at`: id_hash, model, grant_hash, uid, … issued_at, expires_at. */
export type ArtifactRowValues = readonly SqlValue[];

interface WaitingRow {
  readonly values: ArtifactRowValues;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Rows that are saved while a commit is under way go into the next one together, so that many tokens cost one commit;
 * each caller is told after the commit of its own row. A row that fails is left out without harm to the others.
 */
export class ArtifactWrites {
  private waiting: WaitingRow[] = [];
  private isBusy = false;

  constructor(private readonly database: Database) {}

  /** What is there already is replaced, its consumption and revocation stay. */
  save(values: ArtifactRowValues): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ values, resolve, reject });
      if (this.isBusy) return;
      this.isBusy = true;
      // Behind what came in at the same time.
      setImmediate(() => void this.drain());
    });
  }

  /** A row that must not be there yet. @throws what `isDuplicateKey` knows, where it is */
  async insert(values: ArtifactRowValues): Promise<void> {
    await this.transaction((session) => insertRows(session, { table, columns }, [values]));
  }

  /** Runs `work` in a transaction, again where it lost a race that can be won. */
  async transaction<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.database.transaction(work);
      } catch (error) {
        if (isUnreachable(error)) throw unavailable(error);
        if (!isRetryable(error) || attempt === attempts) throw error;
      }
    }
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) await this.commit(this.waiting.splice(0, transactionRows));
    this.isBusy = false;
  }

  private async commit(rows: readonly WaitingRow[]): Promise<void> {
    try {
      await this.transaction((session) => upsert(session, rows));
      for (const { resolve } of rows) resolve();
    } catch (error) {
      const [first, ...others] = rows;
      // The database is away: for one row as for all.
      if (others.length === 0 || error instanceof FirekeepError) {
        for (const { reject } of rows) reject(error);
        return;
      }
      for (const row of [first, ...others]) if (row !== undefined) await this.commit([row]);
    }
  }
}

function upsert(session: SqlSession, rows: readonly WaitingRow[]): Promise<void> {
  return insertRows(
    session,
    { table, columns, suffix: onDuplicate[session.dialect] },
    rows.map(({ values }) => values),
  );
}
