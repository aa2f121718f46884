import type { MigrationInterface, QueryRunner } from 'typeorm';
import { requestReindex } from './request-reindex.js';

/** Who takes part in CareTeams and Encounters, and when, are rows that those stored before do not have. */
export class Participations1764500004000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await requestReindex(runner, ['CareTeam', 'Encounter']);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Schema changes go forward only: restore a backup instead.'));
  }
}
