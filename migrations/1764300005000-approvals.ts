import { TableColumn, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columns, dialectOf } from '../src/platform/database/index.js';

/** When each token was made, what a user approved by an index of its own, and token lifetimes of endpoints. */
export class Approvals1764300005000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const c = columns(dialectOf(runner));
    const added = [
      ['oauth2_artifact', c.bigint('issued_at')],
      ['fhir_endpoint', c.integer('access_token_lifetime')],
    ] as const;
    for (const [table, column] of added) {
      // MySQL commits each statement by itself, so that an attempt that broke off may have left some behind.
      if (await runner.hasColumn(table, column.name)) continue;
      await runner.addColumn(table, new TableColumn({ ...column, isNullable: true }));
    }
    const table = await runner.getTable('oauth2_artifact');
    const has = (name: string): boolean => table?.indices.some((index) => index.name === name) === true;
    if (!has('ix_oauth2_artifact_account')) {
      await runner.createIndex(
        'oauth2_artifact',
        new TableIndex({
          name: 'ix_oauth2_artifact_account',
          columnNames: ['account_id', 'model', 'client_id'],
        }),
      );
    }
    // What it is good for, the longer one is too.
    if (has('ix_oauth2_artifact_account_id')) {
      await runner.dropIndex('oauth2_artifact', 'ix_oauth2_artifact_account_id');
    }
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Schema changes go forward only: restore a backup instead.'));
  }
}
