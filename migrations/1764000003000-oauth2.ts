import {
  Table,
  TableIndex,
  type MigrationInterface,
  type QueryRunner,
  type TableColumnOptions,
} from 'typeorm';
import { columns, dialectOf } from '../src/platform/database/index.js';

/** What the authorization server keeps: tokens, sessions and grants; keys; registrations. */
export class Oauth21764000003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createArtifacts(runner);
    await createKeys(runner);
    await createRegistrations(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [
      'oauth2_registration',
      'oauth2_initial_access_token',
      'oauth2_key',
      'oauth2_artifact',
    ]) {
      await runner.dropTable(table);
    }
  }
}

const nullable = (column: TableColumnOptions): TableColumnOptions => ({ ...column, isNullable: true });

async function createArtifacts(runner: QueryRunner): Promise<void> {
  const c = columns(dialectOf(runner));
  await runner.createTable(
    new Table({
      name: 'oauth2_artifact',
      columns: [
        { ...c.bytes('id_hash', 32), isPrimary: true },
        c.text('model', 40),
        nullable(c.bytes('grant_hash', 32)),
        nullable(c.text('uid', 64)),
        nullable(c.text('user_code', 64)),
        nullable(c.text('account_id', 128)),
        nullable(c.text('client_id', 128)),
        c.blob('payload'),
        nullable(c.bigint('consumed_at')),
        nullable(c.bigint('revoked_at')),
        c.bigint('expires_at'),
      ],
    }),
  );
  for (const name of ['grant_hash', 'uid', 'user_code', 'account_id', 'client_id', 'expires_at']) {
    await runner.createIndex(
      'oauth2_artifact',
      new TableIndex({ name: `ix_oauth2_artifact_${name}`, columnNames: [name] }),
    );
  }
}

async function createKeys(runner: QueryRunner): Promise<void> {
  const c = columns(dialectOf(runner));
  await runner.createTable(
    new Table({
      name: 'oauth2_key',
      columns: [
        { ...c.text('kid', 64), isPrimary: true },
        c.text('alg', 16),
        c.blob('sealed'),
        c.bigint('created_at'),
        c.bigint('active_from'),
      ],
    }),
  );
}

async function createRegistrations(runner: QueryRunner): Promise<void> {
  const c = columns(dialectOf(runner));
  await runner.createTable(
    new Table({
      name: 'oauth2_initial_access_token',
      columns: [
        { ...c.text('id', 32), isPrimary: true },
        { ...c.bytes('token_hash', 32), isUnique: true },
        c.text('description', 255),
        nullable(c.longText('scope')),
        nullable(c.integer('uses_left')),
        c.bigint('created_at'),
        c.bigint('expires_at'),
      ],
    }),
  );
  await runner.createTable(
    new Table({
      name: 'oauth2_registration',
      columns: [
        { ...c.text('client_id', 128), isPrimary: true },
        c.bytes('token_hash', 32),
        nullable(c.text('initial_access_token_id', 32)),
        nullable(c.longText('scope')),
        c.bigint('created_at'),
      ],
    }),
  );
}
