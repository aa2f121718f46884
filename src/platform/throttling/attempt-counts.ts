import { Injectable } from '@nestjs/common';
import { Database, isDuplicateKey, retrying, type SqlRow, type SqlSession } from '../database/index.js';

/** How often something may be tried. All but the name are constants of the program: integers. */
export interface AttemptLimit {
  /** At most 80 characters of ASCII. */
  readonly name: string;
  /** Attempts after which the next one has to wait. */
  readonly free: number;
  /** Milliseconds of the first wait, which doubles with each further attempt. */
  readonly first: number;
  /** Milliseconds. */
  readonly longest: number;
  /** Milliseconds that an attempt is remembered. */
  readonly memory: number;
  /** Whether the memory begins with the first attempt and ends with it, or is renewed by each. */
  readonly renewed: boolean;
}

interface CountRow extends SqlRow {
  readonly blocked_until: number;
  readonly expires_at: number;
}

const attempts = 4;

/** Thrown to roll a transaction back. */
class MustWait extends Error {
  constructor(readonly milliseconds: number) {
    super();
  }
}

/**
 * Counts attempts in the database, so that all processes together allow what one does. An attempt is counted before
 * it is made, so that many at the same time are counted, too, and is given back where it was right.
 */
@Injectable()
export class AttemptCounts {
  constructor(private readonly database: Database) {}

  /**
   * Counts one attempt for each limit; for none where one of them has to wait.
   *
   * @returns milliseconds to wait; 0: it may be made.
   */
  async take(limits: readonly AttemptLimit[]): Promise<number> {
    try {
      await again(() =>
        this.database.transaction(async (session) => {
          for (const limit of limits) await count(session, limit, Date.now());
        }),
      );
      return 0;
    } catch (error) {
      if (error instanceof MustWait) return error.milliseconds;
      throw error;
    }
  }

  /** The attempt was none that counts, or a right one. */
  async giveBack(limits: readonly AttemptLimit[]): Promise<void> {
    await retrying(() =>
      this.database.transaction(async (session) => {
        for (const { name } of limits) {
          await session.execute(
            'UPDATE attempt_count SET blocked_until = 0, attempts = attempts - 1 WHERE name = ? AND attempts > 0',
            [name],
          );
        }
      }),
    );
  }

  /** Forgets every attempt. */
  async clear(name: string): Promise<void> {
    await retrying(() =>
      this.database.transaction((session) =>
        session.execute('DELETE FROM attempt_count WHERE name = ?', [name]),
      ),
    );
  }

  /** Keeps a name for a while. @param lifetime milliseconds */
  async mark(name: string, lifetime: number): Promise<void> {
    const expiresAt = Date.now() + lifetime;
    await again(() =>
      this.database.transaction(async (session) => {
        const sql = 'UPDATE attempt_count SET expires_at = ? WHERE name = ?';
        if ((await session.execute(sql, [expiresAt, name])) === 0)
          await insert(session, { name, attempts: 0, blocked: 0, expires: expiresAt });
      }),
    );
  }

  async isMarked(name: string): Promise<boolean> {
    return (await this.of(name)) !== undefined;
  }

  /** What is remembered: milliseconds to wait; undefined: nothing. */
  async of(name: string): Promise<{ readonly wait: number } | undefined> {
    const now = Date.now();
    const [row] = await this.database.query<CountRow>(
      'SELECT blocked_until, expires_at FROM attempt_count WHERE name = ?',
      [name],
    );
    if (row === undefined || row.expires_at <= now) return undefined;
    return { wait: Math.max(0, row.blocked_until - now) };
  }
}

async function count(session: SqlSession, limit: AttemptLimit, now: number): Promise<void> {
  const { name, free, first, memory } = limit;
  const marks = limit.renewed ? 8 : 9;
  const values = Array.from({ length: marks }, (_value, index) => (index === marks - 3 ? name : now));
  if ((await session.execute(countingStatement(limit), values)) > 0) return;
  const [row] = await session.query<CountRow>(
    'SELECT blocked_until, expires_at FROM attempt_count WHERE name = ?',
    [name],
  );
  if (row !== undefined) throw new MustWait(Math.max(1, Math.min(row.blocked_until, row.expires_at) - now));
  await insert(session, { name, attempts: 1, blocked: free === 1 ? now + first : 0, expires: now + memory });
}

/** MySQL assigns from left to right, SQLite all at once: what is read is assigned behind its readers. */
function countingStatement({ free, first, longest, memory, renewed }: AttemptLimit): string {
  const doublings = Math.ceil(Math.log2(longest / first));
  const expired = 'expires_at <= ?';
  return `UPDATE attempt_count SET
    blocked_until = CASE WHEN ${expired} OR attempts + 1 < ${free} THEN 0
      WHEN attempts + 1 - ${free} >= ${doublings} THEN ? + ${longest}
      ELSE ? + ${first} * (1 << (attempts + 1 - ${free})) END,
    attempts = CASE WHEN ${expired} THEN 1 ELSE attempts + 1 END,
    expires_at = ${renewed ? `? + ${memory}` : `CASE WHEN ${expired} THEN ? + ${memory} ELSE expires_at END`}
    WHERE name = ? AND (blocked_until <= ? OR ${expired})`;
}

async function insert(
  session: SqlSession,
  row: {
    readonly name: string;
    readonly attempts: number;
    readonly blocked: number;
    readonly expires: number;
  },
): Promise<void> {
  await session.execute(
    'INSERT INTO attempt_count (name, attempts, blocked_until, expires_at) VALUES (?, ?, ?, ?)',
    [row.name, row.attempts, row.blocked, row.expires],
  );
}

/** Also where another process made the same row first. */
async function again(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await retrying(work);
      return;
    } catch (error) {
      if (attempt === attempts || !isDuplicateKey(error)) throw error;
    }
  }
}
