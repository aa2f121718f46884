import type { MigrationInterface, QueryRunner } from 'typeorm';
import { requestReindex } from './request-reindex.js';

/**
 * Quantities in canonical units, open ranges, positions, printed units and words are rows that resources of before do
 * not have; SearchParameters that are stored already are to take effect.
 */
export class IndexDerivedAgain1764200003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await requestReindex(runner, null);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Schema changes go forward only: restore a backup instead.'));
  }
}
