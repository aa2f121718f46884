import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';

/** A database that a test file has to itself. */
export interface TestDatabase {
  readonly name: 'sqlite' | 'mysql';
  /** A fresh, empty database; its URL for FIREKEEP_DATABASE_URL. */
  create(): Promise<string>;
}

// Jest loads this file anew for every test file, so a counter would begin anew too.
const unique = (): string => `firekeep_test_${process.pid}_${randomBytes(6).toString('hex')}`;

const sqlite: TestDatabase = {
  name: 'sqlite',
  create: () =>
    Promise.resolve(`sqlite:${join(mkdtempSync(join(tmpdir(), 'firekeep-')), 'firekeep.sqlite')}`),
};

const mysql: TestDatabase = {
  name: 'mysql',
  async create() {
    const server = process.env.FIREKEEP_TEST_MYSQL_URL;
    if (server === undefined) {
      throw new Error(
        'FIREKEEP_TEST_MYSQL_URL is not set. Run the tests by `npm test`, which starts a server.',
      );
    }
    const url = new URL(server);
    const name = unique();
    const connection = await createConnection({ uri: server });
    await connection.query(`CREATE DATABASE \`${name}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
    await connection.end();
    url.pathname = `/${name}`;
    return url.href;
  },
};

/** Every database that Firekeep supports: wrap a suite in `describe.each(databases)`. */
export const databases: readonly TestDatabase[] = [sqlite, mysql];
