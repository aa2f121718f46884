import { Injectable } from '@nestjs/common';
import {
  Database,
  isUnreachable,
  retrying,
  unavailable,
  type Dialect,
  type SqlRow,
  type SqlSession,
  type SqlValue,
} from '../database/index.js';
import type { JobRound } from '../schedule/index.js';
import type { ExtensionDefinition } from './extension-definition.js';
import { requireOwnChange, requireSelect } from './own-tables.js';
import { StartedExtensions } from './started-extensions.js';

/** Statements in one transaction on the extension's own tables. */
export interface TableSession {
  readonly dialect: Dialect;
  /** Rows of a SELECT, with what this transaction has changed. */
  query<T extends SqlRow = SqlRow>(sql: string, values?: readonly SqlValue[]): Promise<T[]>;
  /** One INSERT, REPLACE, UPDATE or DELETE of an own table. @returns rows that it changed */
  execute(sql: string, values?: readonly SqlValue[]): Promise<number>;
}

export interface WriteOptions {
  /** The round of a recurring job: where another process has taken the job over, nothing is written. */
  readonly round?: JobRound;
}

/**
 * The database as an extension has it. Placeholders are `?` and take one value each; BIGINTs up to 2^53 are numbers, bytes
 * are Buffers. Firekeep's own tables may change with any version, and what clients may see in them is not decided by SQL:
 * read resources by `FhirResources`.
 */
export interface ExtensionTables {
  readonly dialect: Dialect;
  /**
   * Rows of a SELECT over what is committed.
   *
   * @throws FirekeepError `EXTENSION_TABLE_INVALID`, `DATABASE_UNAVAILABLE`
   */
  query<T extends SqlRow = SqlRow>(sql: string, values?: readonly SqlValue[]): Promise<T[]>;
  /**
   * Runs `work` in one READ COMMITTED transaction, all of which is committed or nothing. It is run again where it lost
   * against another transaction, so it has no effect but its statements. Keep it short: on SQLite nothing else is
   * written meanwhile.
   *
   * @throws FirekeepError `EXTENSION_TABLE_FOREIGN`, `EXTENSION_TABLE_INVALID`, `JOB_LEASE_LOST`,
   * `DATABASE_UNAVAILABLE`; what `work` throws
   */
  write<T>(work: (session: TableSession) => Promise<T>, options?: WriteOptions): Promise<T>;
}

/**
 * The way of extensions to their own tables, on either database.
 *
 * @example
 * const tables = database.of(clinic);
 * await tables.write((session) => session.execute('INSERT INTO x_clinic_visit (patient) VALUES (?)', [id]));
 */
@Injectable()
export class ExtensionDatabase {
  constructor(
    private readonly database: Database,
    private readonly started: StartedExtensions,
  ) {}

  /** @throws FirekeepError `EXTENSION_NOT_STARTED` */
  of(definition: ExtensionDefinition): ExtensionTables {
    this.started.require(definition);
    return new OwnTables(definition, this.database);
  }
}

class OwnTables implements ExtensionTables {
  readonly dialect: Dialect;

  constructor(
    private readonly extension: ExtensionDefinition,
    private readonly database: Database,
  ) {
    this.dialect = database.dialect;
  }

  async query<T extends SqlRow = SqlRow>(sql: string, values?: readonly SqlValue[]): Promise<T[]> {
    requireSelect(this.extension, sql);
    return this.database.query<T>(sql, values);
  }

  async write<T>(work: (session: TableSession) => Promise<T>, { round }: WriteOptions = {}): Promise<T> {
    try {
      return await retrying(() =>
        this.database.transaction(async (session) => {
          await round?.hold(session);
          return work(guarded(this.extension, session));
        }),
      );
    } catch (error) {
      throw isUnreachable(error) ? unavailable(error) : error;
    }
  }
}

function guarded(extension: ExtensionDefinition, session: SqlSession): TableSession {
  return {
    dialect: session.dialect,
    query: async <T extends SqlRow = SqlRow>(sql: string, values?: readonly SqlValue[]) => {
      requireSelect(extension, sql);
      return session.query<T>(sql, values);
    },
    execute: async (sql, values) => {
      requireOwnChange(extension, sql);
      return session.execute(sql, values);
    },
  };
}
