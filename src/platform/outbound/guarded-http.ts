import { lookup as lookUp, type LookupAddress, type LookupOptions } from 'node:dns';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Agent, request } from 'undici';
import { ClientAddresses } from './client-addresses.js';

export interface GuardedRequest {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface GuardedResponse {
  readonly status: number;
  readonly cacheControl: string | undefined;
  readonly text: string;
}

/** Why a request was not made or has no usable answer; the message may be shown to an administrator. */
export class GuardedHttpError extends Error {}

type LookupCallback = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

const connectTimeout = 2_000;
/** Milliseconds from the start to the last byte. */
const totalTimeout = 4_000;
const largestAnswer = 64 * 1024;
const connections = 4;

/**
 * Requests to addresses that clients gave. The addresses of a name are checked by the look-up that the connection
 * itself uses, so that a name can't point elsewhere in between; redirects are not followed; time and size are
 * bounded; no connection is kept.
 */
@Injectable()
export class GuardedHttp implements OnApplicationShutdown {
  private readonly agent: Agent;

  constructor(private readonly addresses: ClientAddresses) {
    this.agent = new Agent({
      connections,
      pipelining: 0,
      maxHeaderSize: 16 * 1024,
      connect: {
        timeout: connectTimeout,
        minVersion: 'TLSv1.2',
        lookup: (hostname: string, options: LookupOptions, callback: LookupCallback) =>
          this.lookUpChecked(hostname, options, callback),
      },
    });
  }

  /** @returns an answer of any status. @throws GuardedHttpError */
  async send(outbound: GuardedRequest): Promise<GuardedResponse> {
    const { url, method = 'GET', headers = {}, body } = outbound;
    const problem = this.addresses.problemOf(url);
    if (problem !== undefined) throw new GuardedHttpError(`${url.slice(0, 200)} ${problem}`);
    try {
      const response = await request(url, {
        dispatcher: this.agent,
        method,
        headers: { 'user-agent': 'firekeep', ...headers },
        body: body ?? null,
        signal: AbortSignal.timeout(totalTimeout),
      });
      const { 'cache-control': cacheControl } = response.headers;
      return {
        status: response.statusCode,
        cacheControl: Array.isArray(cacheControl) ? cacheControl.join(',') : cacheControl,
        text: await readBounded(response.body),
      };
    } catch (error) {
      throw error instanceof GuardedHttpError
        ? error
        : new GuardedHttpError(`${new URL(url).host} can’t be asked`, { cause: error });
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.agent.close();
  }

  /** Any address that is not allowed spoils the name: which one is used is not ours to choose. */
  private lookUpChecked(hostname: string, options: LookupOptions, callback: LookupCallback): void {
    lookUp(hostname, { ...options, all: true }, (error, found) => {
      const [first] = found as readonly LookupAddress[] | [undefined];
      if (error !== null || first === undefined) {
        callback(error ?? new Error('the name has no address'), []);
      } else if (!found.every(({ address }) => this.addresses.allows(address))) {
        callback(new GuardedHttpError(`${hostname} leads to an address that is not public`), []);
      } else if (options.all === true) callback(null, found);
      else callback(null, first.address, first.family);
    });
  }
}

async function readBounded(body: AsyncIterable<Buffer> & { destroy(): unknown }): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > largestAnswer) {
      body.destroy();
      throw new GuardedHttpError(`the answer is larger than ${largestAnswer} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
