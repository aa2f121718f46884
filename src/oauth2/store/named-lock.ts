import { Injectable } from '@nestjs/common';
import { Database, type SqlSession } from '../../platform/database/index.js';

/** MySQL's locks have names in the whole server, which may hold the databases of several installations. */
const ofDatabase = "CONCAT(?, ':', LEFT(SHA1(DATABASE()), 16))";

/**
 * A lock among the processes of one database. On SQLite there is one process, and one writer, so work inside a
 * transaction needs no other lock.
 */
@Injectable()
export class NamedLock {
  constructor(private readonly database: Database) {}

  /** Runs `work` where nobody else holds the lock; else does nothing. */
  async tryRun(name: string, work: () => Promise<void>): Promise<void> {
    if (this.database.dialect === 'sqlite') return work();
    await this.database.transaction(async (session) => {
      if (!(await take(session, name, 0))) return;
      try {
        await work();
      } finally {
        await session.query(`SELECT RELEASE_LOCK(${ofDatabase}) AS released`, [name]);
      }
    });
  }

  /** Runs `work` in a transaction that no other process runs under this name; waits at most ten seconds. */
  async run<T>(name: string, work: (session: SqlSession) => Promise<T>): Promise<T> {
    if (this.database.dialect === 'sqlite') return this.database.transaction(work);
    const holder = async (outer: SqlSession): Promise<T> => {
      if (!(await take(outer, name, 10))) throw new Error(`The lock ${name} is held by another process.`);
      try {
        // A transaction of its own: committed before the lock goes to the next one.
        return await this.database.transaction(work);
      } finally {
        await outer.query(`SELECT RELEASE_LOCK(${ofDatabase}) AS released`, [name]);
      }
    };
    return this.database.transaction(holder);
  }
}

async function take(session: SqlSession, name: string, seconds: number): Promise<boolean> {
  const [row] = await session.query<{ taken: number | null }>(`SELECT GET_LOCK(${ofDatabase}, ?) AS taken`, [
    name,
    seconds,
  ]);
  return Number(row?.taken) === 1;
}
