import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Agent, request } from 'undici';
import { parseObject } from '../../platform/json-web/index.js';
import { explainFailure, isHangUp } from './explain-failure.js';
import { OutboundError } from './outbound-error.js';
import { defaultOutboundLimits, type OutboundLimits } from './outbound-limits.js';
import { outboundUrl } from './outbound-url.js';
import { cleanText } from '../../platform/text/index.js';
import type { TlsMaterial } from './tls-material.js';

export interface OutboundRequest {
  readonly url: string;
  readonly tls: TlsMaterial | null;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Statuses that are an answer; every other one is a failure at stage `http-status`. 200 if not given. */
  readonly statuses?: readonly number[];
  /** Whether it does no harm to send it twice; so it is with GET. */
  readonly repeatable?: boolean;
  /** Smaller than the limits of the process. */
  readonly totalTimeout?: number;
}

export interface OutboundResponse {
  readonly status: number;
  /** Names in small letters; a header that came more than once is joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

/**
 * The only way out to other servers: bounded in time and size, no redirects, http on loopback only, TLS as
 * configured. Failures name their stage.
 */
@Injectable()
export class OutboundHttp implements OnApplicationShutdown {
  private readonly agents = new Map<string, { fingerprint: string; agent: Agent }>();

  constructor(private readonly limits: OutboundLimits = defaultOutboundLimits) {}

  /** @throws OutboundError */
  async send(outbound: OutboundRequest): Promise<OutboundResponse> {
    const url = outboundUrl(outbound.url);
    const totalTimeout = Math.min(outbound.totalTimeout ?? Infinity, this.limits.totalTimeout);
    const response = await this.exchange(url, outbound, { ...this.limits, totalTimeout });
    if (!(outbound.statuses ?? [200]).includes(response.status)) throw statusFailure(url, response);
    return response;
  }

  /** An answer that must be a JSON object. @throws OutboundError */
  async sendForJson(
    outbound: OutboundRequest,
  ): Promise<OutboundResponse & { readonly json: Record<string, unknown> }> {
    const response = await this.send({
      ...outbound,
      headers: { accept: 'application/json', ...outbound.headers },
    });
    const json = parseObject(response.text);
    if (json === undefined) throw notJson(outbound.url, response);
    return { ...response, json };
  }

  /** What is under way ends first; its time is bounded. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.agents.values()].map(({ agent }) => agent.close()));
    this.agents.clear();
  }

  private async exchange(
    url: URL,
    outbound: OutboundRequest,
    limits: OutboundLimits,
  ): Promise<OutboundResponse> {
    const signal = AbortSignal.timeout(limits.totalTimeout);
    const attempt = () => this.attempt(url, outbound, limits, signal);
    try {
      return await attempt().catch((error: unknown) => {
        // A kept connection that the server has just closed: a new one gets through.
        if (isRepeatable(outbound) && isHangUp(error)) return attempt();
        throw error;
      });
    } catch (error) {
      throw await explainFailure(error, url, outbound.tls, limits);
    }
  }

  private async attempt(
    url: URL,
    outbound: OutboundRequest,
    limits: OutboundLimits,
    signal: AbortSignal,
  ): Promise<OutboundResponse> {
    const response = await request(url, {
      dispatcher: this.agentOf(outbound.tls),
      method: outbound.method ?? 'GET',
      headers: { 'user-agent': 'firekeep', ...outbound.headers },
      body: outbound.body ?? null,
      signal,
    });
    const text = await readBounded(response.body, limits.maximumBytes, url);
    return { status: response.statusCode, headers: headersOf(response.headers), text };
  }

  /** One agent a TLS configuration, so that a connection is never used under another one's trust. */
  private agentOf(tls: TlsMaterial | null): Agent {
    const name = tls?.name ?? '';
    const fingerprint = tls?.fingerprint ?? '';
    const known = this.agents.get(name);
    if (known?.fingerprint === fingerprint) return known.agent;
    const agent = new Agent({
      connections: this.limits.connections,
      pipelining: 1,
      connect: {
        timeout: this.limits.connectTimeout,
        minVersion: tls?.minVersion ?? 'TLSv1.2',
        rejectUnauthorized: true,
        ...(tls?.ca == null ? {} : { ca: tls.ca }),
        ...(tls?.certificate == null || tls.key === null ? {} : { cert: tls.certificate, key: tls.key }),
      },
    });
    this.agents.set(name, { fingerprint, agent });
    // Requests under way end on the connections that they have.
    void known?.agent.close();
    return agent;
  }
}

function isRepeatable({ method, repeatable }: OutboundRequest): boolean {
  return repeatable ?? (method === undefined || method === 'GET');
}

async function readBounded(
  body: AsyncIterable<Buffer> & { destroy(): unknown },
  maximum: number,
  url: URL,
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maximum) {
      body.destroy();
      throw new OutboundError(
        'response',
        `${url.host} answers with more than ${maximum / 1024} KiB at ${url.pathname}. Check the address.`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function headersOf(headers: Readonly<Record<string, string | string[] | undefined>>): Map<string, string> {
  return new Map(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const],
    ),
  );
}

function statusFailure(url: URL, response: OutboundResponse): OutboundError {
  const where = `${url.origin}${url.pathname}`;
  const { status } = response;
  if (status >= 300 && status < 400) {
    const location = response.headers.get('location');
    return new OutboundError(
      'http-status',
      `${where} answers ${status}${location === undefined ? '' : ` to ${cleanText(location)}`}. ` +
        'Redirects are not followed: enter the final address.',
      { answerStatus: status },
    );
  }
  const { error, error_description: description } = parseObject(response.text) ?? {};
  const oauthError = typeof error === 'string' ? cleanText(error, 60) : undefined;
  const said = [oauthError, typeof description === 'string' ? cleanText(description) : undefined]
    .filter((part) => part !== undefined)
    .join(': ');
  return new OutboundError(
    'http-status',
    `${where} answers ${status}${said === '' ? '' : ` (${said})`}. ${statusRemedy(status)}`,
    { answerStatus: status, ...(oauthError === undefined ? {} : { oauthError }) },
  );
}

function statusRemedy(status: number): string {
  if (status === 404) return 'Check the address: nothing is there.';
  if (status === 401 || status === 403) return 'Check the token or secret that this server was given for it.';
  if (status === 429) return 'That server asks for a pause: try again later.';
  if (status >= 500) return 'That server has trouble of its own: see its log, try again later.';
  return 'See what that server asks for.';
}

function notJson(url: string, response: OutboundResponse): OutboundError {
  const type = response.headers.get('content-type');
  const { origin, pathname } = new URL(url);
  // The text itself may hold a secret (a registration cut short), so it is not shown.
  return new OutboundError(
    'not-json',
    `${origin}${pathname} answers ${response.status} with something other than a JSON object` +
      `${type === undefined ? '' : ` (content type ${cleanText(type, 80)})`}. ` +
      'Check that the address is the authorization server itself, not a page in front of it.',
    { answerStatus: response.status },
  );
}
