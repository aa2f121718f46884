import type { ServerProcess } from '../kit/server-process.js';
import type { Answer, FhirClient } from './fhir-client.js';
import { inFlight } from './fhir-client.js';
import type { Random } from './random.js';

/** Lines of problems, and of the server's log, that a failure shows. */
const SHOWN = 8;
/** Entries of a transaction of the load. */
const ENTRIES = 5;
const SYSTEM = 'urn:fire';

interface Created {
  readonly path: string;
  readonly mark: string;
}

interface Updated {
  readonly path: string;
  readonly version: number;
  readonly mark: string;
}

/**
 * Writes without a pause, in every way there is, and remembers what was acknowledged and what is in doubt. Each
 * write carries a mark of its own as identifier.
 */
export class Load {
  /** Answers that no client should get, as text. */
  readonly wrong: string[] = [];
  readonly statuses = new Map<number, number>();
  private readonly created: Created[] = [];
  private readonly updated: Updated[] = [];
  /** Marks of transactions: acknowledged ones are there whole, the others whole or not at all. */
  private readonly acknowledged: string[] = [];
  private readonly doubtful: string[] = [];
  private conditional = 0;
  private running = false;
  private workers: Promise<void>[] = [];

  /** @param refusals answers that are right meanwhile, beside success: 503 while the database is away */
  constructor(
    private readonly name: string,
    private readonly refusals: ReadonlySet<number> = new Set(),
  ) {}

  get acknowledgedWrites(): number {
    return this.created.length + this.updated.length + this.acknowledged.length + this.conditional;
  }

  /** @param client asked anew for every request, since a restart makes a new one */
  start(client: FhirClient, workers: number, random: Random): void {
    this.running = true;
    this.workers = Array.from({ length: workers }, (_, worker) =>
      this.work(client, worker, random.fork(worker)),
    );
  }

  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.workers);
  }

  private async work(client: FhirClient, worker: number, random: Random): Promise<void> {
    const own = `Basic/${this.name}-${worker}`;
    for (let n = 0; this.running; n++) {
      const mark = `${this.name}.${worker}.${n}`;
      const kind = random.between(0, 4);
      const answer =
        kind === 0
          ? await this.create(client, mark)
          : kind === 1
            ? await this.update(client, own, mark)
            : kind === 2
              ? await this.transaction(client, mark, random)
              : await this.createOnce(client, `${this.name}.once.${random.between(0, 50)}`);
      this.statuses.set(answer.status, (this.statuses.get(answer.status) ?? 0) + 1);
      if (answer.status === 0 || this.refusals.has(answer.status)) {
        if (answer.status !== 0 && answer.retryAfter === undefined) this.wrong.push('no Retry-After');
        await new Promise((resolve) => setTimeout(resolve, 20));
      } else if (answer.status >= 300) this.wrong.push(`${answer.status} ${answer.text.slice(0, 400)}`);
    }
  }

  private async create(client: FhirClient, mark: string): Promise<Answer> {
    const answer = await client.send('POST', 'Basic', basic(mark));
    if (answer.status === 201) this.created.push({ path: pathOf(answer), mark });
    return answer;
  }

  private async update(client: FhirClient, path: string, mark: string): Promise<Answer> {
    const answer = await client.send('PUT', path, { ...basic(mark), id: path.slice('Basic/'.length) });
    const version = Number(/\d+/.exec(answer.etag ?? '')?.[0]);
    if (answer.status === 200 || answer.status === 201) this.updated.push({ path, version, mark });
    return answer;
  }

  private async transaction(client: FhirClient, mark: string, random: Random): Promise<Answer> {
    const entry = random.shuffled([...Array(ENTRIES).keys()]).map((n) => {
      const resource = basic(mark);
      // Creations beside updates: the one is a row of its own, the other may be a version more.
      return n % 2 === 0
        ? { resource, request: { method: 'POST', url: 'Basic' } }
        : {
            resource: { ...resource, id: `${mark}.${n}` },
            request: { method: 'PUT', url: `Basic/${mark}.${n}` },
          };
    });
    const answer = await client.send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
    (answer.status === 200 ? this.acknowledged : this.doubtful).push(mark);
    return answer;
  }

  private async createOnce(client: FhirClient, mark: string): Promise<Answer> {
    const answer = await client.send('POST', 'Basic', basic(mark), {
      'if-none-exist': `identifier=${SYSTEM}|${mark}`,
    });
    if (answer.status === 200 || answer.status === 201) this.conditional++;
    return answer;
  }

  /** @returns what is not as it was acknowledged; nothing, if all is well. Every write is looked at. */
  async losses(client: FhirClient): Promise<string[]> {
    const lost: string[] = [...this.wrong];
    await inFlight(this.created, 16, async ({ path, mark }) => {
      const { status, text } = await client.send('GET', path);
      if (status !== 200 || !text.includes(`"${mark}"`)) lost.push(`create ${path} (${mark}): ${status}`);
    });
    await inFlight(this.updated, 16, async ({ path, version, mark }) => {
      const { status, text } = await client.send('GET', `${path}/_history/${version}`);
      if (status !== 200 || !text.includes(`"${mark}"`))
        lost.push(`update ${path} ${version} (${mark}): ${status}`);
    });
    await inFlight(this.acknowledged, 16, async (mark) => {
      const count = await client.count(`Basic?identifier=${SYSTEM}|${mark}`);
      if (count !== ENTRIES) lost.push(`acknowledged transaction ${mark}: ${count} of ${ENTRIES}`);
    });
    await inFlight(this.doubtful, 16, async (mark) => {
      const count = await client.count(`Basic?identifier=${SYSTEM}|${mark}`);
      if (count !== 0 && count !== ENTRIES) lost.push(`half a transaction ${mark}: ${count} of ${ENTRIES}`);
    });
    await inFlight([...Array(50).keys()], 16, async (n) => {
      const count = await client.count(`Basic?identifier=${SYSTEM}|${this.name}.once.${n}`);
      if (count > 1) lost.push(`conditional create ${n}: ${count} resources`);
    });
    return lost;
  }
}

/** Expects every acknowledged write to be there, and no half transaction; else shows the end of the server's log too. */
export async function expectNothingLost(
  load: Load,
  client: FhirClient,
  server: Pick<ServerProcess, 'output'>,
): Promise<void> {
  const losses = await load.losses(client);
  if (losses.length === 0) return;
  const log = server
    .output()
    .split('\n')
    .filter((line) => !line.includes('"level":"info"'))
    .slice(-SHOWN);
  throw new Error([`${losses.length} problems:`, ...losses.slice(0, SHOWN), 'Log:', ...log].join('\n'));
}

function basic(mark: string): object {
  return {
    resourceType: 'Basic',
    identifier: [{ system: SYSTEM, value: mark }],
    code: { text: 'under fire' },
  };
}

/** `Type/id` of a Location, which ends in `/_history/n`. */
function pathOf({ location }: Answer): string {
  return /[A-Za-z]+\/[^/]+(?=\/_history\/)/.exec(location ?? '')?.[0] ?? 'none';
}
