import { databases } from '../kit/databases.js';
import { runFirekeep, startServer, startServerAgain, type ServerProcess } from '../kit/server-process.js';
import { FhirClient } from '../soak/fhir-client.js';
import { scale } from '../soak/scale.js';
import { until } from '../kit/until.js';

const WORKERS = 12;
const kills = scale.long ? scale.kills : 1;
const pageLength = 500;

interface Event {
  readonly subtype: readonly { readonly code: string }[];
  readonly entity?: readonly {
    readonly what?: { readonly reference?: string; readonly identifier?: { readonly value: string } };
  }[];
}

/** Milliseconds since the epoch at which each request was answered, by its X-Request-Id. */
type Answered = ReadonlyMap<string, number>;

/** Requests as fast as answers come, until the server is gone. */
async function load(
  client: FhirClient,
  name: string,
  one: (n: number, requestId: string) => Promise<number>,
  answered = new Map<string, number>(),
): Promise<Answered> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      const n = next++;
      const requestId = `${name}-${n}`;
      const status = await one(n, requestId);
      if (status === 0) return;
      expect([requestId, status]).toEqual([requestId, status < 300 ? status : 200]);
      answered.set(requestId, Date.now());
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  await client.close();
  return answered;
}

/** The events of a kind, each by the id of its request. */
async function recorded(server: ServerProcess, subtype: string): Promise<readonly Event[]> {
  const issued = await runFirekeep(server.environment, [
    ...['token', 'watcher', '--scope', 'system/AuditEvent.rs'],
  ]);
  const headers = { authorization: `Bearer ${issued.stdout.trim()}` };
  const events: Event[] = [];
  let url: string | undefined = `${server.url}/fhir/r4/AuditEvent?subtype=${subtype}&_count=${pageLength}`;
  while (url !== undefined) {
    const answer = await fetch(url, { headers });
    expect(answer.status).toBe(200);
    const page = (await answer.json()) as {
      entry?: { resource: Event }[];
      link: { relation: string; url: string }[];
    };
    events.push(...(page.entry ?? []).map(({ resource }) => resource));
    url = page.link.find(({ relation }) => relation === 'next')?.url;
  }
  return events;
}

const requestOf = ({ entity = [] }: Event): string =>
  entity.flatMap(({ what }) => what?.identifier?.value ?? [])[0] ?? '';

describe.each(databases)('the record after kill -9, on $name', ({ create }) => {
  let server: ServerProcess;
  afterEach(() => server?.stop('SIGKILL'));

  async function start(environment: Readonly<Record<string, string>>): Promise<FhirClient> {
    server = await startServer(await create(), environment);
    const made = await runFirekeep(server.environment, [
      ...[
        'client',
        'add',
        'watcher',
        '--grant-type',
        'client_credentials',
        '--scope',
        'system/AuditEvent.rs',
      ],
    ]);
    expect([made.code, made.stderr]).toEqual([0, expect.any(String)]);
    return FhirClient.of(server);
  }

  /** @returns when it was killed, in milliseconds since the epoch */
  async function killAndRestart(): Promise<number> {
    const killed = Date.now();
    await server.stop('SIGKILL');
    return killed;
  }

  it.each([
    ['false', 'of reads lacks those of the last second at most'],
    ['true', 'of reads lacks none that was answered'],
  ])(
    'FIREKEEP_AUDIT_SYNCHRONOUS=%s: %s',
    async (synchronous) => {
      let client = await start({ FIREKEEP_AUDIT: 'reads', FIREKEEP_AUDIT_SYNCHRONOUS: synchronous });
      const put = await client.send('PUT', 'Patient/p', { resourceType: 'Patient', id: 'p' });
      expect(put.status).toBe(201);
      let kept = 0;
      for (let kill = 0; kill < kills; kill += 1) {
        const answered = new Map<string, number>();
        const reading = load(
          client,
          `read-${kill}`,
          async (_n, requestId) =>
            (await client.send('GET', 'Patient/p', undefined, { 'x-request-id': requestId })).status,
          answered,
        );
        await until('reads that are old enough to be kept', () => {
          const [first = Infinity] = answered.values();
          return answered.size > 100 && Date.now() - first > 1_500 + 700 * kill;
        });
        const killed = await killAndRestart();
        await reading;
        server = await startServerAgain(server.environment);
        client = await FhirClient.of(server);
        const stored = new Set((await recorded(server, 'read')).map(requestOf));
        const lost = [...answered].filter(([requestId]) => !stored.has(requestId));
        const tooOld = lost.filter(([, at]) => synchronous === 'true' || at < killed - 1_000);
        expect(tooOld).toEqual([]);
        kept += answered.size - lost.length;
      }
      expect(kept).toBeGreaterThan(0);
      await client.close();
    },
    scale.timeout * 2,
  );

  it(
    'of writes is that of what is stored, neither less nor more',
    async () => {
      let client = await start({ FIREKEEP_AUDIT: 'writes' });
      for (let kill = 0; kill < kills; kill += 1) {
        const answered = new Map<string, number>();
        const writing = load(
          client,
          `write-${kill}`,
          async (n) => {
            const id = `b-${kill}-${n}`;
            const resource = { resourceType: 'Basic', id, code: { text: 'x' } };
            return (await client.send('PUT', `Basic/${id}`, resource)).status;
          },
          answered,
        );
        await until('writes', () => answered.size > 20 + 100 * kill);
        await killAndRestart();
        await writing;
        server = await startServerAgain(server.environment);
        client = await FhirClient.of(server);
        const events = await recorded(server, 'create,update');
        const names = events.flatMap(({ entity = [] }) =>
          entity.flatMap(({ what }) => /Basic\/([\w-]+)/.exec(what?.reference ?? '')?.[1] ?? []),
        );
        const named = new Set(names);
        expect(named.size).toBe(names.length);
        const total = await client.count('Basic?_total=accurate');
        expect(named.size).toBe(total);
        const written = [...answered.keys()].map((requestId) => `b-${requestId.replace('write-', '')}`);
        expect(written.filter((id) => !named.has(id))).toEqual([]);
      }
      await client.close();
    },
    scale.timeout * 2,
  );
});
