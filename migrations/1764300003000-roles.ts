import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columns, dialectOf } from '../src/platform/database/index.js';

/** Roles beside the built-in ones, each with its rules as JSON. */
export class Roles1764300003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const c = columns(dialectOf(runner));
    await runner.createTable(
      new Table({
        name: 'access_role',
        columns: [
          { ...c.text('name', 64), isPrimary: true },
          c.text('description', 255),
          c.longText('rules'),
          c.integer('version'),
          c.bigint('created_at'),
          c.bigint('updated_at'),
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('access_role');
  }
}
