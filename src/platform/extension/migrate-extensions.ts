import type { DataSource, QueryRunner } from 'typeorm';
import { FirekeepError } from '../errors/index.js';
import type { ExtensionDefinition } from './extension-definition.js';
import type { ExtensionMigration } from './extension-migration.js';
import { OwnTableChanges } from './own-table-changes.js';

/**
 * Brings the tables of extensions up to date. They are remembered apart from Firekeep's own migrations, by extension: one
 * that is not started any more keeps its tables and keeps nobody from starting.
 *
 * @param source behind Firekeep's own migrations, with the lock of the migrations held
 * @throws FirekeepError `EXTENSION_SCHEMA_NEWER`, `EXTENSION_MIGRATION_FAILED`
 */
export async function migrateExtensions(
  source: DataSource,
  extensions: readonly ExtensionDefinition[],
): Promise<void> {
  for (const extension of extensions) {
    const { name, migrations = [] } = extension;
    const runner = source.createQueryRunner();
    try {
      const done = await recorded(runner, name);
      requireKnown(name, migrations, done);
      for (const migration of migrations) {
        if (!done.has(migration.name)) await run(runner, extension, migration);
      }
    } finally {
      await runner.release();
    }
  }
}

async function recorded(runner: QueryRunner, extension: string): Promise<ReadonlySet<string>> {
  const rows = (await runner.query('SELECT name FROM extension_migration WHERE extension = ?', [
    extension,
  ])) as { name: string }[];
  return new Set(rows.map(({ name }) => name));
}

function requireKnown(
  extension: string,
  migrations: readonly ExtensionMigration[],
  done: ReadonlySet<string>,
): void {
  const known = new Set(migrations.map(({ name }) => name));
  const unknown = [...done].filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new FirekeepError(
    'unavailable',
    'EXTENSION_SCHEMA_NEWER',
    `The tables of the extension "${extension}" were migrated by a newer version of it (${unknown.join(', ')}). ` +
      'Start that version or a newer one.',
  );
}

async function run(
  runner: QueryRunner,
  extension: ExtensionDefinition,
  migration: ExtensionMigration,
): Promise<void> {
  const label = `${extension.name}: ${migration.name}`;
  const changes = new OwnTableChanges(extension, runner);
  // The file of SQLite is locked as a whole: two processes that start at once migrate one after the other.
  await runner.query(changes.dialect === 'sqlite' ? 'BEGIN IMMEDIATE' : 'START TRANSACTION');
  try {
    if (!(await recorded(runner, extension.name)).has(migration.name)) {
      await migration.up(changes);
      await runner.query('INSERT INTO extension_migration (extension, name, run_at) VALUES (?, ?, ?)', [
        extension.name,
        migration.name,
        Date.now(),
      ]);
    }
    await runner.query('COMMIT');
  } catch (error) {
    await rollBack(runner);
    throw new FirekeepError(
      'unavailable',
      'EXTENSION_MIGRATION_FAILED',
      `The migration "${label}" failed: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

async function rollBack(runner: QueryRunner): Promise<void> {
  try {
    await runner.query('ROLLBACK');
  } catch {
    // The connection is gone, or the database has rolled back itself; the first error says why.
  }
}
