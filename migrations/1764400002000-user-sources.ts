import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columns, dialectOf } from '../src/platform/database/index.js';

/** Where an account comes from; null: from this server. */
export class UserSources1764400002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const c = columns(dialectOf(runner));
    const added = [
      c.text('source', 64),
      c.text('source_id', 255),
      c.boolean('source_active'),
      c.bigint('source_checked_at'),
    ];
    for (const column of added) {
      // MySQL commits each statement by itself, so that an attempt that broke off may have left some behind.
      if (await runner.hasColumn('user_account', column.name)) continue;
      await runner.addColumn('user_account', new TableColumn({ ...column, isNullable: true }));
    }
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Schema changes go forward only: restore a backup instead.'));
  }
}
