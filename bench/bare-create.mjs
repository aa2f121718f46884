// The limit that a create is compared with: a Fastify route that inserts the row of a resource and the same index rows
// that Firekeep wrote for it, in one transaction a resource, in one round trip. Nothing is parsed, checked or derived.
import { randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import { createPool } from 'mysql2/promise';

const pool = createPool({
  uri: process.env.BARE_DATABASE_URL,
  connectionLimit: 16,
  supportBigNumbers: true,
  multipleStatements: true,
});
// Once a connection, so that a create stays one round trip.
pool.on('connection', (connection) =>
  connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED'),
);
// Far above the numbers that Firekeep gives out, and above those of an earlier run.
let nextRid = Date.now() * 1_000;

/** Rows of one stored resource, taken as the pattern of all. */
async function patternOf(type, id) {
  const [[resource]] = await pool.query(
    'SELECT r.* FROM resource r JOIN fhir_type t ON t.id = r.type WHERE t.name = ? AND r.id = ?',
    [type, id],
  );
  const tables = [];
  const [named] = await pool.query("SHOW TABLES LIKE 'index\\\\_%'");
  for (const [name] of named.map(Object.values)) {
    const [rows] = await pool.query(`SELECT * FROM ${name} WHERE rid = ?`, [resource.rid]);
    if (rows.length > 0) tables.push({ name, columns: Object.keys(rows[0]), rows });
  }
  return { resource, tables };
}

function statements({ resource, tables }, rid, id) {
  const values = [rid, resource.repository, resource.type, id, Date.now(), resource.content.toString('utf8')];
  let sql =
    'START TRANSACTION; INSERT INTO resource (rid, repository, type, id, version, last_updated, deleted, method, content) ' +
    'VALUES (?, ?, ?, ?, 1, ?, 0, 1, ?);';
  for (const { name, columns, rows } of tables) {
    const row = `(${columns.map(() => '?').join(', ')})`;
    sql += ` INSERT INTO ${name} (${columns.join(', ')}) VALUES ${rows.map(() => row).join(', ')};`;
    for (const found of rows)
      values.push(...columns.map((column) => (column === 'rid' ? rid : found[column])));
  }
  return { sql: `${sql} COMMIT`, values };
}

const patterns = new Map();
const fastify = Fastify();
fastify.addContentTypeParser('application/fhir+json', { parseAs: 'buffer' }, (_request, body, done) =>
  done(null, body),
);
// The index rows of /Type/id become the pattern.
fastify.put('/:type/:id', async (request, reply) => {
  patterns.set(request.params.type, await patternOf(request.params.type, request.params.id));
  return reply.code(200).send();
});
fastify.post('/:type', async (request, reply) => {
  const id = randomUUID();
  const pattern = patterns.get(request.params.type);
  const { sql, values } = statements(pattern, nextRid++, id);
  await pool.query(sql, values);
  return reply
    .code(201)
    .header('location', `/${request.params.type}/${id}/_history/1`)
    .header('content-type', 'application/fhir+json; charset=utf-8')
    .send(pattern.resource.content);
});
await fastify.listen({ port: Number(process.env.BARE_PORT), host: '127.0.0.1' });
