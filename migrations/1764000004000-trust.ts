import { Table, type MigrationInterface, type QueryRunner, type TableColumnOptions } from 'typeorm';
import { columns, dialectOf } from '../src/platform/database/index.js';

const nullable = (column: TableColumnOptions): TableColumnOptions => ({ ...column, isNullable: true });

/** Authorization servers that are trusted, this server's registrations there, and TLS configurations. */
export class Trust1764000004000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createTlsConfigurations(runner);
    await createServerDescriptions(runner);
    await createClientConfigurations(runner);
    await createSetup(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['trust_setup', 'client_configuration', 'server_description', 'tls_configuration']) {
      await runner.dropTable(table);
    }
  }
}

async function createTlsConfigurations(runner: QueryRunner): Promise<void> {
  const c = columns(dialectOf(runner));
  await runner.createTable(
    new Table({
      name: 'tls_configuration',
      columns: [
        { ...c.text('name', 64), isPrimary: true },
        c.text('min_version', 16),
        nullable(c.longText('ca')),
        nullable(c.longText('certificate')),
        nullable(c.blob('sealed_key')),
        c.integer('version'),
        c.bigint('created_at'),
        c.bigint('updated_at'),
      ],
    }),
  );
}

/** The names and issuers that others refer to never change, so they are the keys that hold references. */
const tlsReference = {
  columnNames: ['tls_name'],
  referencedTableName: 'tls_configuration',
  referencedColumnNames: ['name'],
};

async function createServerDescriptions(runner: QueryRunner): Promise<void> {
  const c = columns(dialectOf(runner));
  await runner.createTable(
    new Table({
      name: 'server_description',
      columns: [
        c.key(),
        c.text('issuer', 512),
        nullable(c.text('tls_name', 64)),
        nullable(c.longText('metadata')),
        nullable(c.blob('sealed_initial_access_token')),
        nullable(c.bigint('discovered_at')),
        c.integer('version'),
        c.bigint('created_at'),
        c.bigint('updated_at'),
      ],
      uniques: [{ name: 'uq_server_description_issuer', columnNames: ['issuer'] }],
      foreignKeys: [{ name: 'fk_server_description_tls', ...tlsReference }],
    }),
  );
}

async function createClientConfigurations(runner: QueryRunner): Promise<void> {
  const c = columns(dialectOf(runner));
  await runner.createTable(
    new Table({
      name: 'client_configuration',
      columns: [
        { ...c.text('application_name', 128), isPrimary: true },
        c.text('client_name', 255),
        c.text('description', 1000),
        c.text('client_type', 32),
        c.text('issuer', 512),
        nullable(c.text('tls_name', 64)),
        nullable(c.text('client_id', 512)),
        nullable(c.blob('sealed_client_secret')),
        nullable(c.blob('sealed_registration_token')),
        nullable(c.text('registration_client_uri', 2000)),
        nullable(c.bigint('client_secret_expires_at')),
        nullable(c.longText('metadata')),
        nullable(c.longText('unsupported_members')),
        nullable(c.bigint('registered_at')),
        nullable(c.bigint('metadata_at')),
        c.integer('version'),
        c.bigint('created_at'),
        c.bigint('updated_at'),
      ],
      foreignKeys: [
        { name: 'fk_client_configuration_tls', ...tlsReference },
        {
          name: 'fk_client_configuration_issuer',
          columnNames: ['issuer'],
          referencedTableName: 'server_description',
          referencedColumnNames: ['issuer'],
        },
      ],
    }),
  );
}

async function createSetup(runner: QueryRunner): Promise<void> {
  const c = columns(dialectOf(runner));
  await runner.createTable(
    new Table({
      name: 'trust_setup',
      columns: [
        { ...c.text('kind', 16), isPrimary: true },
        { ...c.text('name', 512), isPrimary: true },
        c.integer('attempts'),
        c.bigint('due_at'),
        nullable(c.text('last_stage', 32)),
        nullable(c.longText('last_failure')),
        nullable(c.bigint('last_attempt_at')),
      ],
    }),
  );
}
