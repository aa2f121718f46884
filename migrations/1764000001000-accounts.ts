import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columns, dialectOf } from '../src/platform/database/index.js';

const docsClient = 'firekeep-docs';
const docsScope = 'openid fhirUser offline_access launch/patient patient/*.cruds user/*.cruds admin';

/** Users, clients and endpoints, with the two endpoints and the one client that every installation begins with. */
export class Accounts1764000001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createUsers(runner);
    await createClients(runner);
    await createEndpoints(runner);
    await seed(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [
      'fhir_endpoint',
      'oauth_client',
      'user_credential',
      'user_account',
      'reserved_name',
    ]) {
      await runner.dropTable(table);
    }
  }
}

async function createUsers(runner: QueryRunner): Promise<void> {
  const c = columns(dialectOf(runner));
  await runner.createTable(
    new Table({
      name: 'reserved_name',
      columns: [{ ...c.text('name', 128), isPrimary: true }, c.text('kind', 16), c.bigint('created_at')],
    }),
  );
  await runner.createTable(
    new Table({
      name: 'user_account',
      columns: [
        c.key(),
        { ...c.text('username', 64), isUnique: true },
        c.longText('roles'),
        { ...c.text('fhir_user', 255), isNullable: true },
        c.boolean('enabled'),
        c.integer('version'),
        c.bigint('created_at'),
        c.bigint('updated_at'),
      ],
    }),
  );
  await runner.createTable(
    new Table({
      name: 'user_credential',
      columns: [
        { ...c.text('username', 64), isPrimary: true },
        c.text('password_hash', 255),
        c.integer('generation'),
      ],
    }),
  );
}

async function createClients(runner: QueryRunner): Promise<void> {
  const c = columns(dialectOf(runner));
  await runner.createTable(
    new Table({
      name: 'oauth_client',
      columns: [
        { ...c.text('client_id', 128), isPrimary: true },
        c.text('client_name', 255),
        { ...c.text('description', 1000), isNullable: true },
        c.text('client_type', 32),
        c.text('token_endpoint_auth_method', 32),
        c.longText('redirect_uris'),
        c.longText('post_logout_redirect_uris'),
        c.longText('grant_types'),
        c.longText('scope'),
        c.longText('resource'),
        { ...c.longText('jwks'), isNullable: true },
        { ...c.text('jwks_uri', 2048), isNullable: true },
        c.boolean('pkce_required'),
        c.boolean('first_party'),
        c.boolean('dynamically_registered'),
        c.boolean('enabled'),
        { ...c.text('secret_hash', 255), isNullable: true },
        c.boolean('has_secret'),
        c.longText('metadata'),
        c.integer('version'),
        c.bigint('created_at'),
        c.bigint('updated_at'),
      ],
    }),
  );
}

async function createEndpoints(runner: QueryRunner): Promise<void> {
  const c = columns(dialectOf(runner));
  await runner.createTable(
    new Table({
      name: 'fhir_endpoint',
      columns: [
        { ...c.text('path', 200), isPrimary: true },
        c.text('repository', 64),
        c.text('check_mode', 32),
        { ...c.text('oauth_client_name', 128), isNullable: true },
        c.boolean('enabled'),
        c.integer('version'),
        c.bigint('created_at'),
        c.bigint('updated_at'),
      ],
    }),
  );
}

async function seed(runner: QueryRunner): Promise<void> {
  const now = Date.now();
  for (const [path, mode] of [
    ['/fhir/r4', 'bearer'],
    ['/csp/healthshare/fhirserver/fhir/r4', 'basic-and-bearer'],
  ]) {
    await runner.query(
      `INSERT INTO fhir_endpoint (path, repository, check_mode, oauth_client_name, enabled, version, created_at, updated_at)
       VALUES (?, 'default', ?, NULL, 1, 1, ?, ?)`,
      [path, mode, now, now],
    );
  }
  await runner.query("INSERT INTO reserved_name (name, kind, created_at) VALUES (?, 'client', ?)", [
    docsClient,
    now,
  ]);
  await runner.query(
    `INSERT INTO oauth_client (client_id, client_name, description, client_type, token_endpoint_auth_method,
       redirect_uris, post_logout_redirect_uris, grant_types, scope, resource, jwks, jwks_uri, pkce_required,
       first_party, dynamically_registered, enabled, secret_hash, has_secret, metadata, version, created_at, updated_at)
     VALUES (?, 'Firekeep API documentation', 'The "Authorize" button of /docs.', 'public', 'none',
       '[]', '[]', '["authorization_code","refresh_token"]', ?, '[]', NULL, NULL, 1, 1, 0, 1, NULL, 0, '{}', 1, ?, ?)`,
    [docsClient, docsScope, now, now],
  );
}
