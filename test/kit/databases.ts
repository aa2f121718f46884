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

/** For what is about SQLite alone, or where the database makes no difference. */
export const sqlite: TestDatabase = {
  name: 'sqlite',
  create: () =>
    Promise.resolve(`sqlite:${join(mkdtempSync(join(tmpdir(), 'firekeep-')), 'firekeep.sqlite')}`),
};

/** For what is about MySQL alone. */
export const mysql: TestDatabase = {
  name: 'mysql',
  async create() {
    const server = process.env.FIREKEEP_TEST_MYSQL_URL;
    if (server === undefined) {
      throw new Error(
        'FIREKEEP_TEST_MYSQL_URL is not set. Run the tests by `npm test` or `npm run spec`, which start a server.',
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

/**
 * What FIREKEEP_TEST_DATABASES asks for, so that one spec runs in seconds: `sqlite`, `mysql` or `both`. Where it is
 * decided whether a change is good (`CI=true`), half of the databases is not an answer.
 *
 * @throws Error for another value, and for less than both with `CI=true`
 */
export function chosenDatabases(environment: NodeJS.ProcessEnv): readonly TestDatabase[] {
  const chosen = environment.FIREKEEP_TEST_DATABASES?.trim() ?? '';
  const all = [sqlite, mysql];
  if (chosen === '' || chosen === 'both') return all;
  const found = all.filter(({ name }) => name === chosen);
  if (found.length === 0) {
    throw new Error(`FIREKEEP_TEST_DATABASES must be sqlite, mysql or both, and is ${chosen}.`);
  }
  if (environment.CI === 'true') {
    throw new Error(
      `With CI=true every test runs on both databases: unset FIREKEEP_TEST_DATABASES=${chosen}.`,
    );
  }
  return found;
}

/** Every database that Firekeep supports, or those that were chosen: wrap a suite in `describe.each(databases)`. */
export const databases = chosenDatabases(process.env);
