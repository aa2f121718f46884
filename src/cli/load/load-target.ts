import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { FirekeepError } from '../../platform/errors/index.js';
import type { LoadUnit } from './load-source.js';

/** What became of a unit. */
export interface LoadResult {
  /** Entries that the server stored. */
  readonly stored: number;
  /** Sentences of the server on what it refused; empty: everything was stored. */
  readonly problems: readonly string[];
}

const attempts = 8;

/** The FHIR endpoint that is loaded: one POST a unit, repeated while the server is busy or away. */
export class LoadTarget {
  private readonly agent: Agent;

  constructor(
    private readonly url: string,
    private readonly headers: Readonly<Record<string, string>>,
    connections: number,
  ) {
    this.agent = new Agent({ connections, headersTimeout: 300_000, bodyTimeout: 300_000 });
  }

  async send(unit: LoadUnit): Promise<LoadResult> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.post(unit.body);
      if (answer.retryAfter !== undefined && attempt < attempts) {
        await sleep(answer.retryAfter * 1_000);
        continue;
      }
      return resultOf(unit, answer.status, answer.text);
    }
  }

  close(): Promise<void> {
    return this.agent.close();
  }

  private async post(body: string): Promise<{ status: number; text: string; retryAfter?: number }> {
    try {
      const {
        statusCode,
        headers,
        body: answer,
      } = await request(this.url, {
        method: 'POST',
        dispatcher: this.agent,
        headers: {
          ...this.headers,
          'content-type': 'application/fhir+json',
          accept: 'application/fhir+json',
          prefer: 'return=minimal',
        },
        body,
      });
      const text = await answer.text();
      const busy = statusCode === 429 || statusCode === 503;
      return {
        status: statusCode,
        text,
        ...(busy ? { retryAfter: Number(headers['retry-after'] ?? 2) } : {}),
      };
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
        throw new FirekeepError(
          'unavailable',
          'LOAD_UNREACHABLE',
          `${this.url} does not answer (${code}). Is the server running?`,
        );
      }
      // Whether an answer that was lost stands for a commit is not known, so nothing is sent twice.
      throw new FirekeepError(
        'unavailable',
        'LOAD_ANSWER_LOST',
        `The answer of ${this.url} was lost: ${message}. Run the command again to go on.`,
      );
    }
  }
}

interface Outcome {
  readonly resourceType?: string;
  readonly issue?: readonly {
    readonly diagnostics?: string;
    readonly details?: { readonly text?: string };
  }[];
  readonly entry?: readonly {
    readonly response?: { readonly status?: string; readonly outcome?: Outcome };
  }[];
}

function resultOf(unit: LoadUnit, status: number, text: string): LoadResult {
  let answer: Outcome;
  try {
    answer = JSON.parse(text) as Outcome;
  } catch {
    return { stored: 0, problems: [`HTTP ${status}, not FHIR`] };
  }
  if (status !== 200) return { stored: 0, problems: [`HTTP ${status}: ${sentence(answer)}`] };
  const entries = answer.entry ?? [];
  const failed = entries
    .map(({ response }, index) => ({ index, response }))
    .filter(({ response }) => response?.status?.startsWith('2') !== true);
  return {
    stored: Math.min(unit.entries, entries.length) - failed.length,
    problems: failed.map(
      ({ index, response }) =>
        `entry ${index}: ${response?.status ?? 'no status'} ${sentence(response?.outcome)}`,
    ),
  };
}

function sentence(outcome: Outcome | undefined): string {
  const issue = outcome?.issue?.[0];
  return issue?.diagnostics ?? issue?.details?.text ?? '';
}
