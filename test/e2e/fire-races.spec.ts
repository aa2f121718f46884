import { databases } from '../kit/databases.js';
import { startServer, type ServerProcess } from '../kit/server-process.js';
import { expectClean, FhirClient, inFlight, type Answer } from '../soak/fhir-client.js';
import { figure } from '../soak/figures.js';
import { seeded, type Random } from '../soak/random.js';
import { scale } from '../soak/scale.js';

const SYSTEM = 'urn:race';
const PARALLEL = 50;
const statuses = (answers: readonly Answer[]): Record<number, number> => {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};
const basic = (mark: string, id?: string) => ({
  resourceType: 'Basic',
  ...(id === undefined ? {} : { id }),
  identifier: [{ system: SYSTEM, value: mark }],
  code: { text: 'race' },
});

/** MariaDB once more with two processes on one port, which share rows, numbers and guards. */
const servers = databases.flatMap((database) =>
  database.name === 'sqlite'
    ? [{ name: 'sqlite', database, workers: '1' }]
    : [
        { name: 'mysql', database, workers: '1' },
        { name: 'mysql with two processes', database, workers: '2' },
      ],
);

describe.each(servers)('writes that race on $name', ({ name, database, workers }) => {
  let server: ServerProcess;
  let client: FhirClient;
  beforeAll(async () => {
    server = await startServer(await database.create(), { FIREKEEP_WORKERS: workers });
    client = await FhirClient.of(server);
  }, scale.timeout);
  afterAll(async () => {
    await client?.close();
    await server?.stop();
  }, scale.timeout);

  it('50 parallel equal conditional creates make one resource', async () => {
    for (let round = 0; round < scale.races; round++) {
      const criterion = `identifier=${SYSTEM}|once-${round}`;
      const answers = await Promise.all(
        Array.from({ length: PARALLEL }, () =>
          client.send('POST', 'Basic', basic(`once-${round}`), { 'if-none-exist': criterion }),
        ),
      );
      expect(statuses(answers)).toEqual({ 200: PARALLEL - 1, 201: 1 });
      expect(new Set(answers.map(({ text }) => (JSON.parse(text) as { id: string }).id)).size).toBe(1);
      expect(await client.count(`Basic?${criterion}`)).toBe(1);
    }
  });

  it('of 50 parallel updates with the same If-Match one is stored', async () => {
    for (let round = 0; round < scale.races; round++) {
      const path = `Basic/matched-${round}`;
      await client.send('PUT', path, basic('first', `matched-${round}`));
      const answers = await Promise.all(
        Array.from({ length: PARALLEL }, (_, n) =>
          client.send('PUT', path, basic(`next-${n}`, `matched-${round}`), { 'if-match': 'W/"1"' }),
        ),
      );
      expect(statuses(answers)).toEqual({ 200: 1, 412: PARALLEL - 1 });
      const winner = answers.findIndex(({ status }) => status === 200);
      const stored = await client.json(path);
      expect(stored).toMatchObject({ meta: { versionId: '2' }, identifier: [{ value: `next-${winner}` }] });
    }
  });

  it(
    '32 transactions at once over the same resources in shuffled order are each whole or absent',
    () =>
      seeded(async (random) => {
        const contention = new Contention(client);
        const seconds = await contention.run(scale.contentionMs, random);
        expect(contention.unexpected).toEqual([]);
        expect(contention.acknowledged.size).toBeGreaterThan(0);
        expect(await contention.disagreements()).toEqual([]);
        figure('32 transactions over 12 shared resources', name, {
          seconds,
          committed: contention.acknowledged.size,
          refused: contention.refused,
        });
      }),
    scale.timeout,
  );

  it('bodies, versions and index rows agree afterwards', () => expectClean(server), scale.timeout);
});

/** Resources that all transactions write, and how many of them each writes. */
const SHARED = 12;
const WRITTEN = 6;

class Contention {
  readonly unexpected: string[] = [];
  /** Shared resources that each transaction wrote, by its mark. */
  readonly acknowledged = new Map<string, readonly number[]>();
  refused = 0;
  private readonly attempted = new Map<string, readonly number[]>();

  constructor(private readonly client: FhirClient) {}

  /** @returns for how many seconds */
  async run(milliseconds: number, random: Random): Promise<number> {
    const started = Date.now();
    const workers = Array.from({ length: 32 }, async (_, worker) => {
      const own = random.fork(worker);
      for (let n = 0; Date.now() - started < milliseconds; n++) await this.transact(`${worker}.${n}`, own);
    });
    await Promise.all(workers);
    return Math.round((Date.now() - started) / 1_000);
  }

  private async transact(mark: string, random: Random): Promise<void> {
    const chosen = random.shuffled([...Array(SHARED).keys()]).slice(0, WRITTEN);
    this.attempted.set(mark, chosen);
    const entry = random.shuffled([
      ...chosen.map((n) => ({
        resource: basic(mark, `shared-${n}`),
        request: { method: 'PUT', url: `Basic/shared-${n}` },
      })),
      { resource: basic(`own-${mark}`), request: { method: 'POST', url: 'Basic' } },
      {
        resource: basic('common'),
        request: { method: 'POST', url: 'Basic', ifNoneExist: `identifier=${SYSTEM}|common` },
      },
    ]);
    const { status, text, retryAfter } = await this.client.send('POST', '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry,
    });
    if (status === 200) this.acknowledged.set(mark, chosen);
    else if (status === 503 && retryAfter !== undefined) this.refused++;
    else this.unexpected.push(`${status} ${text.slice(0, 300)}`);
  }

  /** What the histories of the shared resources and the transactions' own resources say otherwise. */
  async disagreements(): Promise<string[]> {
    const seen = new Map<string, Set<number>>();
    const problems: string[] = [];
    await inFlight([...Array(SHARED).keys()], 4, async (n) => {
      const marks = await this.history(n);
      for (const mark of marks) seen.set(mark, (seen.get(mark) ?? new Set()).add(n));
      if (new Set(marks).size !== marks.length) problems.push(`shared-${n} has a version twice`);
    });
    await inFlight([...this.attempted], 16, async ([mark, chosen]) => {
      const written = seen.get(mark)?.size ?? 0;
      const own = await this.client.count(`Basic?identifier=${SYSTEM}|own-${mark}`);
      const whole = written === chosen.length && own === 1;
      const absent = written === 0 && own === 0;
      if (!whole && (this.acknowledged.has(mark) || !absent)) {
        problems.push(`transaction ${mark}: ${written} of ${chosen.length} shared resources, ${own} own`);
      }
    });
    if ((await this.client.count(`Basic?identifier=${SYSTEM}|common`)) > 1)
      problems.push('common stands twice');
    return problems;
  }

  /** Marks of all versions of a shared resource. */
  private async history(n: number): Promise<string[]> {
    const marks: string[] = [];
    let path: string | undefined = `Basic/shared-${n}/_history?_count=500`;
    while (path !== undefined) {
      const page: HistoryPage = await this.client.json(path);
      for (const { resource } of page.entry ?? []) marks.push(resource?.identifier[0]?.value ?? 'none');
      const next = page.link?.find(({ relation }) => relation === 'next')?.url;
      path = next?.slice(next.indexOf('/fhir/r4/') + '/fhir/r4/'.length);
    }
    return marks;
  }
}

interface HistoryPage {
  readonly entry?: { readonly resource?: { readonly identifier: { readonly value: string }[] } }[];
  readonly link?: { readonly relation: string; readonly url: string }[];
}
