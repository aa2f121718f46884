import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { Pool, PoolConnection } from 'mysql2';
import type { DataSource, EntityManager } from 'typeorm';
import { FirekeepError } from '../errors/index.js';
import { isRetryable, isUnreachable, unavailable } from './database-error.js';
import { mysqlPool, sqliteHandle } from './drivers.js';
import { MysqlSession, MysqlTransaction, SqliteSession } from './sessions.js';
import type { Dialect, SqlRow, SqlSession, SqlValue } from './sql-session.js';
import { BoundedReads, type BoundedRead } from './bounded-reads.js';
import { Checkpoints } from './checkpoints.js';
import { ReaderThreads } from './reader-threads.js';
import { SqliteTransaction } from './sqlite-transaction.js';
import { WriteLock } from './write-lock.js';

/**
 * Milliseconds that a statement with a timeout has before it counts as a long one. On SQLite all else stands still
 * meanwhile; on MySQL it has a connection that others could use.
 */
const SQLITE_QUICK_MS = 30;
/** After a statement of so many milliseconds on SQLite others get their turn before the next. */
const SQLITE_TURN_MS = 5;
const MYSQL_QUICK_MS = 200;
/** Connections that statements with a timeout leave to writes and reads by key. */
const KEPT_CONNECTIONS = 2;

export interface DatabaseLimits {
  /** Connections to MySQL. */
  readonly poolSize: number;
  /** Statements at once that take long; on SQLite, threads. */
  readonly longReads: number;
}

/**
 * The one way to the database. Reads go to the reading side (SQLite: a second, read-only connection, so that
 * nobody sees what isn't committed). Every write goes through `write` or `transaction`: SQLite has a single
 * writer connection, and two transactions on it would become one.
 */
export class Database {
  readonly dialect: Dialect;
  private readonly lock = new WriteLock();
  private readonly readSession: SqlSession;
  private readonly sqliteWriter: SqliteSession | undefined;

  private readonly threads: ReaderThreads | undefined;
  private readonly checkpoints: Checkpoints | undefined;
  private readonly boundedReads: BoundedReads;

  /**
   * @param reader on MySQL the same as `writer`
   * @param transactions on MySQL: the connections of `transaction`, which take several statements at once
   */
  constructor(
    readonly reader: DataSource,
    readonly writer: DataSource,
    { poolSize, longReads }: DatabaseLimits,
    private readonly transactions?: Pool,
  ) {
    if (writer.options.type === 'better-sqlite3') {
      this.dialect = 'sqlite';
      const session = new SqliteSession(sqliteHandle(reader));
      const threads = new ReaderThreads(writer.options.database, longReads);
      this.readSession = session;
      this.sqliteWriter = new SqliteSession(sqliteHandle(writer));
      this.threads = threads;
      this.checkpoints = new Checkpoints(writer.options.database);
      this.boundedReads = new BoundedReads(
        (sql, values, timeout) => inTurn(() => session.query(sql, values, timeout)),
        (sql, values, timeout) => threads.query(sql, values, timeout),
        { quickTime: SQLITE_QUICK_MS, quickPlaces: Infinity, longPlaces: longReads },
      );
    } else {
      this.dialect = 'mysql';
      const session = new MysqlSession(mysqlPool(writer));
      this.readSession = session;
      const read: BoundedRead = (sql, values, timeout) => session.query(sql, values, timeout);
      const quickPlaces = Math.max(1, poolSize - longReads - KEPT_CONNECTIONS);
      this.boundedReads = new BoundedReads(read, read, {
        quickTime: MYSQL_QUICK_MS,
        quickPlaces,
        longPlaces: longReads,
      });
    }
  }

  /**
   * Rows of a SELECT over what is committed.
   *
   * @param timeout milliseconds after which the statement is stopped; it may then take long without holding up
   *   others, and few of the kind run at once. On SQLite it must hold a `deadlineCondition`.
   * @throws FirekeepError `DATABASE_UNAVAILABLE`, `DATABASE_BUSY`; what `isStatementTimeout` knows
   */
  async query<T extends SqlRow = SqlRow>(
    sql: string,
    values: readonly SqlValue[] = [],
    timeout?: number,
  ): Promise<T[]> {
    try {
      return timeout === undefined
        ? await this.readSession.query<T>(sql, values)
        : await this.boundedReads.query<T>(sql, values, timeout);
    } catch (error) {
      throw isUnreachable(error) ? unavailable(error) : error;
    }
  }

  /**
   * Runs `work` in one READ COMMITTED transaction with TypeORM's entity manager: for users, clients and other
   * administrative tables. Keep the work short: on SQLite nothing else is written meanwhile.
   */
  async write<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    try {
      if (this.dialect === 'sqlite') {
        return await this.lock.run(async () => {
          // TypeORM's own BEGIN would keep the whole process waiting for whoever else writes to the file.
          if (this.sqliteWriter !== undefined) await whenUnlocked(this.sqliteWriter);
          const result = await this.writer.transaction(work);
          this.checkpoints?.committed();
          return result;
        });
      }
      return await this.writer.transaction('READ COMMITTED', work);
    } catch (error) {
      throw isUnreachable(error) ? unavailable(error) : error;
    }
  }

  /** Runs `work` in one READ COMMITTED transaction with plain statements: for hot paths. Errors come unchanged. */
  async transaction<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    const { sqliteWriter } = this;
    if (sqliteWriter !== undefined) {
      return this.lock.run(async () => {
        const result = await inSqliteTransaction(sqliteWriter, (session) =>
          work(new SqliteTransaction(session, this)),
        );
        this.checkpoints?.committed();
        return result;
      });
    }
    const connection = await connectionOf(this.requirePool());
    try {
      const result = await inMysqlTransaction(new MysqlTransaction(connection), work);
      connection.release();
      return result;
    } catch (error) {
      if (isUnreachable(error)) connection.destroy();
      else connection.release();
      throw error;
    }
  }

  /** Ends threads, and the connections that are not TypeORM's. */
  async close(): Promise<void> {
    const { transactions } = this;
    await this.threads?.close();
    await this.checkpoints?.close();
    if (transactions !== undefined) await new Promise<void>((resolve) => transactions.end(() => resolve()));
  }

  /** Whether a statement gets through; whoever asks has no use for the reason. */
  async isReachable(): Promise<boolean> {
    try {
      await this.readSession.query('SELECT 1');
      return true;
    } catch {
      return false;
    }
  }

  private requirePool(): Pool {
    if (this.transactions === undefined) {
      throw new FirekeepError('internal', 'DATABASE_NO_POOL', 'No MySQL pool.');
    }
    return this.transactions;
  }
}

/** The statements of one search would otherwise follow one another without a pause. */
async function inTurn<T>(query: () => Promise<T>): Promise<T> {
  const start = performance.now();
  try {
    return await query();
  } finally {
    if (performance.now() - start > SQLITE_TURN_MS) await setImmediate();
  }
}

async function inSqliteTransaction<T>(
  session: SqlSession,
  work: (session: SqlSession) => Promise<T>,
): Promise<T> {
  await beginImmediate(session);
  try {
    const result = await work(session);
    await session.execute('COMMIT');
    return result;
  } catch (error) {
    // Behind a COMMIT that failed too (disk full): the connection must not stay inside the transaction.
    await orIgnored(session.execute('ROLLBACK'));
    throw error;
  }
}

async function inMysqlTransaction<T>(
  session: MysqlTransaction,
  work: (session: SqlSession) => Promise<T>,
): Promise<T> {
  try {
    const result = await work(session);
    await session.commit();
    return result;
  } catch (error) {
    await orIgnored(session.rollback());
    throw error;
  }
}

/** A ROLLBACK fails where the connection is gone or the database has rolled back itself; the first error says why. */
async function orIgnored(rollback: Promise<unknown>): Promise<void> {
  try {
    await rollback;
  } catch {
    // As said above.
  }
}

/** How long another process may keep the file of SQLite locked, and how often it is asked. */
const BUSY_MS = 10_000;
const BUSY_DELAY_MS = 20;

/** Begins as soon as no other process writes. The driver itself would wait too, but with the event loop standing. */
async function beginImmediate(session: SqlSession): Promise<void> {
  const giveUp = Date.now() + BUSY_MS;
  for (;;) {
    try {
      await session.query('PRAGMA busy_timeout = 0');
      await session.execute('BEGIN IMMEDIATE');
      return;
    } catch (error) {
      if (!isRetryable(error) || Date.now() > giveUp) throw error;
    } finally {
      await session.query(`PRAGMA busy_timeout = ${BUSY_MS}`);
    }
    await sleep(BUSY_DELAY_MS);
  }
}

async function whenUnlocked(session: SqlSession): Promise<void> {
  await beginImmediate(session);
  await session.execute('ROLLBACK');
}

function connectionOf(pool: Pool): Promise<PoolConnection> {
  return new Promise((resolve, reject) => {
    pool.getConnection((error, connection) => {
      if (error === null) resolve(connection);
      else reject(error);
    });
  });
}
