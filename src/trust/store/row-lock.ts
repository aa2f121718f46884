import type { EntityManager } from 'typeorm';

/** SQLite has one writer, which is lock enough. */
export function rowLock(manager: EntityManager): { lock?: { mode: 'pessimistic_write' } } {
  return manager.dataSource.options.type === 'better-sqlite3' ? {} : { lock: { mode: 'pessimistic_write' } };
}
