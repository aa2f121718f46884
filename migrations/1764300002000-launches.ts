import { Table, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columns, dialectOf } from '../src/platform/database/index.js';

/** What launches tell apps: handles that wait to be used, and the context of each grant. */
export class Launches1764300002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const c = columns(dialectOf(runner));
    await runner.createTable(
      new Table({
        name: 'oauth2_launch_context',
        columns: [
          { ...c.bytes('grant_hash', 32), isPrimary: true },
          c.longText('context'),
          c.bigint('expires_at'),
        ],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'oauth2_launch',
        columns: [
          { ...c.text('id', 32), isPrimary: true },
          { ...c.bytes('handle_hash', 32), isUnique: true },
          c.text('username', 128),
          c.text('client_id', 128),
          c.text('audience', 512),
          c.longText('context'),
          c.bigint('created_at'),
          c.bigint('expires_at'),
          { ...c.bigint('used_at'), isNullable: true },
        ],
      }),
    );
    for (const table of ['oauth2_launch_context', 'oauth2_launch']) {
      await runner.createIndex(
        table,
        new TableIndex({ name: `ix_${table}_expires_at`, columnNames: ['expires_at'] }),
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['oauth2_launch', 'oauth2_launch_context']) await runner.dropTable(table);
  }
}
