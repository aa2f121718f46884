import { join } from 'node:path';
import { databases } from '../kit/databases.js';
import { runFirekeep, startServer, type ServerProcess } from '../kit/server-process.js';
import { eventually } from '../kit/until.js';

const probe = join(__dirname, '..', 'kit', 'promise-probe.cjs');

async function probed(server: ServerProcess, times: number): Promise<string[]> {
  process.kill(server.pid, 'SIGUSR2');
  return eventually(
    'the probe',
    () => server.output().match(/promises are [a-z ]+/g) ?? [],
    ({ length }) => length >= times,
  );
}

describe.each(databases)('a server on $name', (database) => {
  it('follows no promise while it gives out tokens, nor after a page: it would cost a quarter of every read', async () => {
    const server = await startServer(await database.create(), { NODE_OPTIONS: `--require ${probe}` });
    try {
      const token = (await runFirekeep(server.environment, ['token', 'admin'])).stdout.trim();
      const askForToken = () =>
        fetch(`${server.url}/oauth2/token`, {
          method: 'POST',
          body: new URLSearchParams({ grant_type: 'client_credentials', client_id: 'nobody' }),
        });
      expect((await askForToken()).status).toBe(401);
      const underWay = Promise.all(Array.from({ length: 50 }, askForToken));
      expect(await probed(server, 1)).toEqual(['promises are left alone']);
      await underWay;
      const page = await fetch(`${server.url}/oauth2/authorize?client_id=nobody&response_type=code`);
      expect(page.status).toBe(400);
      const created = await fetch(`${server.url}/fhir/r4/Patient`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/fhir+json',
          'idempotency-key': 'one',
        },
        body: '{"resourceType":"Patient"}',
      });
      expect(created.status).toBe(201);
      expect(await probed(server, 2)).toEqual(Array(2).fill('promises are left alone'));
    } finally {
      await server.stop();
    }
  });
});
