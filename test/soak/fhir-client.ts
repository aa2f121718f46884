import { Agent, request } from 'undici';
import { runFirekeep, type ServerProcess } from '../kit/server-process.js';

/** An answer, or why there is none. */
export interface Answer {
  /** 0: the connection broke, so what became of the request is unknown. */
  readonly status: number;
  readonly location: string | undefined;
  readonly etag: string | undefined;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

/** A client that keeps as many connections as it needs and takes a broken one for an answer. */
export class FhirClient {
  private readonly agent: Agent;

  private constructor(
    readonly base: string,
    private readonly token: string,
    connections: number,
  ) {
    this.agent = new Agent({ connections, headersTimeout: 60_000, bodyTimeout: 60_000 });
  }

  static async of(server: ServerProcess, connections = 64): Promise<FhirClient> {
    const issued = await runFirekeep(server.environment, ['token', 'admin', '--minutes', '60']);
    if (issued.code !== 0) throw new Error(`No token: ${issued.stderr}`);
    // By address: a name would be looked up for every connection.
    return new FhirClient(`http://127.0.0.1:${server.port}/fhir/r4`, issued.stdout.trim(), connections);
  }

  async send(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    try {
      const answer = await request(path === '' ? this.base : `${this.base}/${path}`, {
        method,
        dispatcher: this.agent,
        headers: {
          authorization: `Bearer ${this.token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
          ...headers,
        },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await answer.body.text();
      const header = (name: string): string | undefined => {
        const value = answer.headers[name];
        return typeof value === 'string' ? value : undefined;
      };
      return {
        status: answer.statusCode,
        location: header('location'),
        etag: header('etag'),
        retryAfter: header('retry-after'),
        text,
      };
    } catch {
      return { status: 0, location: undefined, etag: undefined, retryAfter: undefined, text: '' };
    }
  }

  async json(path: string): Promise<Record<string, unknown>> {
    const { status, text } = await this.send('GET', path);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${text.slice(0, 300)}`);
    return JSON.parse(text) as Record<string, unknown>;
  }

  /** How many resources a search finds. */
  async count(search: string): Promise<number> {
    return Number((await this.json(`${search}&_summary=count`)).total);
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }
}

/** Expects that bodies, versions and index rows agree, by the command that operators have. */
export async function expectClean(
  server: Pick<ServerProcess, 'environment'>,
): Promise<Record<string, number>> {
  const { code, stdout, stderr } = await runFirekeep(server.environment, ['check', '--json']);
  if (code !== 0) throw new Error(`firekeep check found: ${stdout.slice(0, 4_000)}${stderr.slice(0, 2_000)}`);
  return JSON.parse(stdout) as Record<string, number>;
}

/** Runs work over a list, a bounded number at once. */
export async function inFlight<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: limit }, worker));
}
