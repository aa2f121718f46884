import type { EntityManager, EntityTarget, FindOptionsWhere, ObjectLiteral } from 'typeorm';
import { FirekeepError } from '../errors/index.js';

/** A row that whoever changes it may ask to be unchanged since it was read (If-Match). */
export interface Versioned extends ObjectLiteral {
  /** Counts up with every change; the ETag. */
  version: number;
  /** Milliseconds since the epoch. */
  updatedAt: number;
}

export interface VersionedTerms<T extends Versioned> {
  readonly entity: EntityTarget<T>;
  /** The row, as a sentence begins with it: `The user`. */
  readonly named: (row: T) => string;
  /** Code of the error where the row is at another version. */
  readonly mismatch: string;
  /** Columns that no other query brings along (`select: false`). */
  readonly hidden?: readonly (keyof T & string)[];
}

/** Changes of rows one after the other: the row is locked, its version compared, and the next one written. */
export class VersionedRows<T extends Versioned> {
  constructor(private readonly terms: VersionedTerms<T>) {}

  /**
   * The row as it is, kept from others until the transaction ends. Byte by byte: a database that takes `alice` for
   * `Alice` finds nothing here.
   *
   * @param expectedVersion undefined: whatever is there
   * @returns undefined where there is none
   * @throws FirekeepError 412 by the code of the terms
   */
  async find(
    manager: EntityManager,
    where: FindOptionsWhere<T> & Partial<T>,
    expectedVersion: number | undefined,
  ): Promise<T | undefined> {
    const { entity, hidden = [] } = this.terms;
    const query = manager.createQueryBuilder(entity, 'one').where(where);
    for (const column of hidden) query.addSelect(`one.${column}`);
    const { lock } = rowLock(manager);
    if (lock !== undefined) query.setLock(lock.mode);
    const row = await query.getOne();
    if (row === null || Object.keys(where).some((name) => row[name] !== where[name])) return undefined;
    this.check(row, expectedVersion);
    return row;
  }

  /** @throws FirekeepError 412 by the code of the terms where somebody else was faster */
  check(row: T, expectedVersion: number | undefined): void {
    if (expectedVersion === undefined || row.version === expectedVersion) return;
    throw new FirekeepError(
      'precondition-failed',
      this.terms.mismatch,
      `${this.terms.named(row)} was changed meanwhile: it is at version ${row.version}. Read it again and repeat the change.`,
    );
  }

  /** Writes the locked row with its changes, as its next version. @returns what is written */
  async save(manager: EntityManager, before: T, changes: Partial<T>): Promise<T> {
    const { entity } = this.terms;
    const after: T = { ...before, ...changes, version: before.version + 1, updatedAt: Date.now() };
    const key = manager.dataSource.getMetadata(entity).getEntityIdMap(before);
    if (key === undefined) throw new Error('the row has no key');
    await manager.update(entity, key, after);
    return after;
  }
}

/** What keeps rows that are read from others until the transaction ends. SQLite has one writer, which is lock enough. */
export function rowLock(manager: EntityManager): { readonly lock?: { readonly mode: 'pessimistic_write' } } {
  return manager.dataSource.options.type === 'better-sqlite3' ? {} : { lock: { mode: 'pessimistic_write' } };
}
