import { Table, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columns, dialectOf } from '../src/platform/database/index.js';

/** Refusals of the gate, for `firekeep explain`. */
export class Refusals1764000005000 implements MigrationInterface {
  readonly name = 'Refusals1764000005000';

  async up(runner: QueryRunner): Promise<void> {
    const { text, longText, bigint, integer } = columns(dialectOf(runner));
    await runner.createTable(
      new Table({
        name: 'refusal',
        columns: [
          { ...text('reference', 24), isPrimary: true },
          text('check_name', 40),
          text('status', 32),
          text('endpoint', 300),
          text('mode', 24),
          text('method', 16),
          text('path', 300),
          { ...text('subject', 128), isNullable: true },
          { ...text('client_id', 128), isNullable: true },
          text('address', 64),
          longText('explanation'),
          integer('times'),
          bigint('first_at'),
          bigint('last_at'),
        ],
      }),
    );
    await runner.createIndex(
      'refusal',
      new TableIndex({ name: 'refusal_last_at', columnNames: ['last_at'] }),
    );
  }

  async down(): Promise<void> {
    await Promise.reject(new Error('Migrations go forward only.'));
  }
}
