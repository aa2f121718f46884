import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from '../src/platform/database/index.js';

/** When a device asked last whether its user has decided (RFC 8628 section 3.5), and how long it must wait. */
export class DevicePolls1764300001500 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const sqlite = dialectOf(runner) === 'sqlite';
    await runner.query(
      `CREATE TABLE oauth2_device_poll (id_hash ${sqlite ? 'BLOB' : 'BINARY(32)'} NOT NULL PRIMARY KEY,
        polled_at BIGINT NOT NULL, wait INT NOT NULL, expires_at BIGINT NOT NULL)
        ${sqlite ? 'WITHOUT ROWID' : 'ENGINE=InnoDB'}`,
    );
    await runner.query('CREATE INDEX ix_oauth2_device_poll_expires_at ON oauth2_device_poll (expires_at)');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Schema changes go forward only: restore a backup instead.'));
  }
}
