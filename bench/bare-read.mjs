// The limit that a read is compared with: a Fastify route that selects the stored text by its key, nothing else.
import Fastify from 'fastify';
import { createPool } from 'mysql2/promise';

const pool = createPool({ uri: process.env.BARE_DATABASE_URL, connectionLimit: 10, supportBigNumbers: true });
const [[repository]] = await pool.query("SELECT id FROM fhir_repository WHERE name = 'default'");
const [[type]] = await pool.query("SELECT id FROM fhir_type WHERE name = 'Patient'");
const sql = 'SELECT content FROM resource WHERE repository = ? AND type = ? AND id = ?';

const fastify = Fastify();
fastify.get('/Patient/:id', async (request, reply) => {
  const [rows] = await pool.query(sql, [repository.id, type.id, request.params.id]);
  if (rows.length === 0) return reply.code(404).send();
  return reply.header('content-type', 'application/fhir+json; charset=utf-8').send(rows[0].content);
});
await fastify.listen({ port: Number(process.env.BARE_PORT), host: '127.0.0.1' });
