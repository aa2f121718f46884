import { databases } from '../kit/databases.js';
import { runFirekeep, startServer, startServerAgain, type ServerProcess } from '../kit/server-process.js';
import { expectClean, FhirClient } from '../soak/fhir-client.js';
import { scale } from '../soak/scale.js';

const RESOURCES = 1_500;
const KILLS = scale.long ? 3 : 2;

const patient = (id: string, ward: string) => ({
  resourceType: 'Patient',
  id,
  extension: [{ url: 'http://example.org/ward', valueString: ward }],
});

const ward = {
  resourceType: 'SearchParameter',
  id: 'ward',
  url: 'http://example.org/SearchParameter/ward',
  name: 'Ward',
  status: 'active',
  description: 'Ward of a patient.',
  code: 'ward',
  base: ['Patient'],
  type: 'string',
  expression: "Patient.extension('http://example.org/ward').value.ofType(string)",
};

interface Job {
  readonly status: string;
  readonly done: number;
  readonly skipped: number;
}

describe.each(databases)('kill -9 during a re-index on $name', ({ create }) => {
  let server: ServerProcess;
  afterAll(() => server?.stop('SIGKILL'));

  const job = async (): Promise<Job> => {
    const { code, stdout, stderr } = await runFirekeep(server.environment, ['reindex', 'list', '--json']);
    if (code !== 0) throw new Error(stderr);
    return (JSON.parse(stdout) as Job[])[0]!;
  };

  it('goes on behind each restart, while others write, and ends with every value in the index', async () => {
    // Slow enough that there is something to kill.
    server = await startServer(await create(), { FIREKEEP_REINDEX_LOAD: '3' });
    let client = await FhirClient.of(server);
    for (let start = 0; start < RESOURCES; start += 500) {
      const entry = Array.from({ length: 500 }, (_, n) => ({
        resource: patient(`p${start + n}`, 'old'),
        request: { method: 'PUT', url: `Patient/p${start + n}` },
      }));
      const answer = await client.send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
      expect(answer.status).toBe(200);
    }
    expect((await client.send('PUT', 'SearchParameter/ward', ward)).status).toBe(201);
    const seen: number[] = [];
    let written = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const until = Date.now() + 1_500;
      while (Date.now() < until) {
        const { status } = await client.send('PUT', `Patient/p${written}`, patient(`p${written}`, 'new'));
        expect(status).toBe(200);
        written++;
      }
      await server.stop('SIGKILL');
      await client.close();
      const { status, done } = await job();
      expect(status).toBe('running');
      seen.push(done);
      server = await startServerAgain(server.environment);
      client = await FhirClient.of(server);
      expect((await client.send('GET', 'Patient?ward=old')).status).toBe(400);
    }
    await server.stop('SIGKILL');
    server = await startServerAgain({ ...server.environment, FIREKEEP_REINDEX_LOAD: '100' });
    const watched = await runFirekeep(server.environment, ['reindex', 'watch', '1', '--json']);
    expect([watched.code, JSON.parse(watched.stdout)]).toMatchObject([0, { status: 'done', skipped: 0 }]);
    expect(seen).toEqual([...seen].sort((one, other) => one - other));
    await client.close();
    client = await FhirClient.of(server);
    expect(await client.count('Patient?ward=new')).toBe(written);
    expect(await client.count('Patient?ward=old')).toBe(RESOURCES - written);
    await client.close();
    await expectClean(server);
  });
});
