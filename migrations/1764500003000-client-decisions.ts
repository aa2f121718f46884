import { createHash } from 'node:crypto';
import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columns, dialectOf } from '../src/platform/database/index.js';

const pageSize = 500;

/**
 * What of a client an administrator decided, the addresses of clients by key, what an initial access token may
 * register, and indexes by which the tokens of a client or user end in parts.
 */
export class ClientDecisions1764500003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await addColumns(runner);
    await createAddresses(runner);
    await replaceIndexes(runner);
    // Who changed the others can't be told any more: they count as an administrator's.
    await runner.query(
      `UPDATE oauth_client SET self_version = 1
       WHERE self_version IS NULL AND dynamically_registered = 1 AND version = 1 AND first_party = 0 AND enabled = 1`,
    );
    await fillAddresses(runner);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Schema changes go forward only: restore a backup instead.'));
  }
}

/** By plain statements: what TypeORM reads of a table first takes seconds on a server with many databases. */
async function addColumns(runner: QueryRunner): Promise<void> {
  const [short, long] =
    dialectOf(runner) === 'mysql'
      ? [
          'varchar(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
          'longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
        ]
      : ['varchar(32)', 'text'];
  const added = [
    ['oauth_client', 'self_version', 'integer'],
    ['oauth_client', 'approved_redirect_uris', long],
    ['oauth_client', 'indexed_version', 'integer'],
    ['oauth2_initial_access_token', 'registers', short],
    ['oauth2_initial_access_token', 'base_urls', long],
    ['oauth2_registration', 'base_urls', long],
  ] as const;
  for (const [table, column, type] of added) {
    // MySQL commits each statement by itself, so that an attempt that broke off may have left some behind.
    if (await runner.hasColumn(table, column)) continue;
    await runner.query(`ALTER TABLE ${table} ADD COLUMN ${column} ${type} NULL`);
  }
}

async function createAddresses(runner: QueryRunner): Promise<void> {
  const c = columns(dialectOf(runner));
  await runner.createTable(
    new Table({
      name: 'oauth_client_origin',
      columns: [
        { ...c.bytes('origin_hash', 32), isPrimary: true },
        { ...c.boolean('approved'), isPrimary: true },
        { ...c.text('client_id', 128), isPrimary: true },
      ],
      indices: [{ name: 'ix_oauth_client_origin_client', columnNames: ['client_id'] }],
    }),
    true,
  );
  await runner.createTable(
    new Table({
      name: 'oauth_client_resource',
      columns: [
        { ...c.bytes('base_hash', 32), isPrimary: true },
        { ...c.text('client_id', 128), isPrimary: true },
        c.integer('place'),
        c.longText('base'),
      ],
      indices: [{ name: 'ix_oauth_client_resource_client', columnNames: ['client_id', 'place'] }],
    }),
    true,
  );
}

async function replaceIndexes(runner: QueryRunner): Promise<void> {
  const clients = await indexesOf(runner, 'oauth_client');
  const artifacts = await indexesOf(runner, 'oauth2_artifact');
  const added = [
    [clients, 'ix_oauth_client_updated', 'oauth_client (updated_at, version, indexed_version, client_id)'],
    [artifacts, 'ix_oauth2_artifact_client', 'oauth2_artifact (client_id, revoked_at)'],
    [artifacts, 'ix_oauth2_artifact_holder', 'oauth2_artifact (account_id, revoked_at, model, client_id)'],
  ] as const;
  for (const [present, name, columnsOfTable] of added) {
    if (!present.has(name)) await runner.query(`CREATE INDEX ${name} ON ${columnsOfTable}`);
  }
  // What they are good for, the new ones are too.
  const ofTable = dialectOf(runner) === 'mysql' ? ' ON oauth2_artifact' : '';
  for (const name of ['ix_oauth2_artifact_client_id', 'ix_oauth2_artifact_account']) {
    if (artifacts.has(name)) await runner.query(`DROP INDEX ${name}${ofTable}`);
  }
}

async function indexesOf(runner: QueryRunner, table: string): Promise<ReadonlySet<string>> {
  const rows = (await runner.query(
    dialectOf(runner) === 'mysql' ? `SHOW INDEX FROM ${table}` : `PRAGMA index_list(${table})`,
  )) as { Key_name?: string; name?: string }[];
  return new Set(rows.flatMap(({ Key_name: key, name }) => key ?? name ?? []));
}

interface ClientRow {
  readonly client_id: string;
  readonly client_type: string;
  readonly redirect_uris: string;
  readonly resource: string;
  readonly dynamically_registered: number;
  readonly enabled: number;
}

async function fillAddresses(runner: QueryRunner): Promise<void> {
  for (let after = ''; ;) {
    const page = (await runner.query(
      `SELECT client_id, client_type, redirect_uris, resource, dynamically_registered, enabled
       FROM oauth_client WHERE client_id > ? ORDER BY client_id LIMIT ${pageSize}`,
      [after],
    )) as ClientRow[];
    const last = page.at(-1);
    if (last === undefined) return;
    const enabled = page.filter((client) => client.enabled === 1);
    await insert(
      runner,
      'oauth_client_origin (origin_hash, approved, client_id)',
      enabled.flatMap(originsOf),
    );
    await insert(
      runner,
      'oauth_client_resource (base_hash, client_id, place, base)',
      enabled.flatMap(resourcesOf),
    );
    await runner.query(
      'UPDATE oauth_client SET indexed_version = version WHERE client_id > ? AND client_id <= ?',
      [after, last.client_id],
    );
    after = last.client_id;
  }
}

/** Nobody has approved what clients registered themselves. */
function originsOf({
  client_id: id,
  redirect_uris: uris,
  dynamically_registered: own,
}: ClientRow): unknown[][] {
  const origins = new Set((JSON.parse(uris) as string[]).map((uri) => new URL(uri).origin));
  origins.delete('null');
  return [...origins].map((origin) => [hash(origin), own === 1 ? 0 : 1, id]);
}

function resourcesOf({ client_id: id, client_type: type, resource }: ClientRow): unknown[][] {
  if (type !== 'resource_server') return [];
  const bases = new Set((JSON.parse(resource) as string[]).map((base) => base.replace(/\/+$/, '')));
  return [...bases].map((base, place) => [hash(base), id, place, base]);
}

async function insert(runner: QueryRunner, into: string, rows: readonly unknown[][]): Promise<void> {
  const verb = dialectOf(runner) === 'mysql' ? 'INSERT IGNORE' : 'INSERT OR IGNORE';
  for (let start = 0; start < rows.length; start += 100) {
    const part = rows.slice(start, start + 100);
    const marks = part.map((row) => `(${row.map(() => '?').join(', ')})`).join(', ');
    await runner.query(`${verb} INTO ${into} VALUES ${marks}`, part.flat());
  }
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
