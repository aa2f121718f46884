import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify';
import { FirekeepError } from '../errors/index.js';
import { registerBodyParsers } from './body-parsers.js';
import { HttpFront } from './http-front.js';
import { requestContext } from './request-context.js';
import { toFirekeepError } from './to-firekeep-error.js';

describe('bodies', () => {
  let server: FastifyInstance;

  beforeAll(async () => {
    const front = new HttpFront();
    server = fastify({ rewriteUrl: (request) => front.rewrite(request) });
    registerBodyParsers(server, {
      keepsBytes: (url) => url.startsWith('/bytes'),
      bytesLimit: 4_000,
      parsedLimit: 1_000,
      totalLimit: 6_000,
    });
    server.setErrorHandler((thrown, _request, reply) => {
      const { status, code } = toFirekeepError(thrown) satisfies FirekeepError;
      return reply.status(status).send({ code });
    });
    server.post('/*', (request) => ({
      body: Buffer.isBuffer(request.body) ? `bytes ${request.body.toString()}` : (request.body ?? null),
      tokens: requestContext(request.raw).formTokens ?? null,
    }));
    await server.ready();
  });
  afterAll(() => server.close());

  const post = (
    url: string,
    type: string | undefined,
    payload: string | Buffer,
    headers: Record<string, string> = {},
  ): Promise<LightMyRequestResponse> =>
    server.inject({
      method: 'POST',
      url,
      payload,
      headers: { ...(type === undefined ? {} : { 'content-type': type }), ...headers },
    });

  it('reach some routes as bytes, whatever their type', async () => {
    for (const type of ['application/json', 'application/fhir+json; charset=utf-8', 'image/png', undefined]) {
      expect((await post('/bytes', type, '{')).json().body).toBe('bytes {');
    }
  });

  it('reach the others as parsed JSON', async () => {
    expect((await post('/other', 'application/json', '{"a":[1]}')).json().body).toEqual({ a: [1] });
    expect((await post('/other', 'application/json', '')).json().body).toBeNull();
  });

  it.each([
    ['application/json', '{"a":', 400, 'HTTP_MALFORMED_BODY'],
    ['application/json', '{"a":{"__proto__":{"b":1}}}', 400, 'HTTP_MALFORMED_BODY'],
    ['application/json', '{"constructor":1}', 400, 'HTTP_MALFORMED_BODY'],
    ['application/json', Buffer.of(0x22, 0xff, 0x22), 400, 'HTTP_MALFORMED_BODY'],
    ['application/json', `"${'x'.repeat(1_000)}"`, 413, 'HTTP_BODY_TOO_LARGE'],
    ['application/x-www-form-urlencoded', '__proto__=1', 400, 'HTTP_MALFORMED_BODY'],
    ['text/plain', '{}', 415, 'HTTP_UNSUPPORTED_MEDIA_TYPE'],
    ['application/fhir+json', '{}', 415, 'HTTP_UNSUPPORTED_MEDIA_TYPE'],
    ['nonsense', '{}', 415, 'HTTP_UNSUPPORTED_MEDIA_TYPE'],
  ])('of type %s and content %s are refused', async (type, payload, status, code) => {
    const answer = await post('/other', type, payload);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  });

  it.each(['access_token', 'access%5Ftoken', '%61ccess_token'])(
    'that are forms lose the token written as %s, for the gate alone',
    async (name) => {
      const form = 'application/x-www-form-urlencoded';
      const payload = `a=1&${name}=S%20T&b=2&${name}=`;
      const bytes = (await post('/bytes', form, payload)).json();
      expect(bytes).toEqual({ body: 'a=1&b=2', tokens: ['S T', ''] });
      const parsed = (await post('/other', form, `${payload}&a=3`)).json();
      expect(parsed).toEqual({ body: { a: ['1', '3'], b: '2' }, tokens: ['S T', ''] });
    },
  );

  it('are unpacked from gzip, and bounded by what they unpack to', async () => {
    const gzip = { 'content-encoding': 'gzip' };
    expect((await post('/bytes', 'x/y', gzipSync('abc'), gzip)).json().body).toBe('bytes abc');
    const bomb = await post('/bytes', 'x/y', gzipSync(Buffer.alloc(1_000_000)), gzip);
    expect([bomb.statusCode, bomb.json().code]).toEqual([413, 'HTTP_BODY_TOO_LARGE']);
    const broken = await post('/bytes', 'x/y', gzipSync('abcdef').subarray(0, 15), gzip);
    expect([broken.statusCode, broken.json().code]).toEqual([400, 'HTTP_MALFORMED_GZIP']);
    const other = await post('/bytes', 'x/y', 'abc', { 'content-encoding': 'br' });
    expect([other.statusCode, other.json().code]).toEqual([415, 'HTTP_UNSUPPORTED_ENCODING']);
  });

  it('are held in memory up to a bound over all requests, until they are answered or broken off', async () => {
    const url = `${await server.listen({ port: 0, host: '127.0.0.1' })}/bytes`;
    const send = async (): Promise<number> =>
      (await fetch(url, { method: 'POST', body: 'x'.repeat(3_500) })).status;
    for (let round = 0; round < 3; round++) expect(await send()).toBe(200);
    const halves = Array.from({ length: 2 }, () => connect(Number(new URL(url).port), '127.0.0.1'));
    for (const socket of halves) {
      socket.write(`POST /bytes HTTP/1.1\r\nhost: x\r\ncontent-length: 3500\r\n\r\n${'x'.repeat(2_000)}`);
    }
    await eventually(async () => expect(await send()).toBe(503));
    for (const socket of halves) socket.destroy();
    await eventually(async () => expect(await send()).toBe(200));
  });
});

/** As a proxy does: sends the whole body, and only then looks at what came back. */
async function sendWhole(port: number, head: string, parts: readonly string[]): Promise<string> {
  const client = connect(port, '127.0.0.1').pause();
  const failed = new Promise<void>((resolve) => client.once('error', () => resolve()));
  client.write(`POST /bytes HTTP/1.1\r\nhost: x\r\n${head}\r\n\r\n`);
  for (const part of parts) {
    if (!client.write(part)) await Promise.race([once(client, 'drain'), failed]);
    if (client.errored) return 'connection lost';
  }
  let answer = '';
  client.on('data', (chunk) => (answer += String(chunk))).resume();
  await Promise.race([failed, once(client, 'close'), eventually(() => expect(answer).toMatch(/\}/))]);
  client.destroy();
  return answer;
}

describe('a body that is too large', () => {
  const chunk = 'x'.repeat(100_000);
  const many = (count: number): string[] => Array.from({ length: count }, () => chunk);
  let server: FastifyInstance;
  let port: number;

  beforeAll(async () => {
    server = fastify();
    registerBodyParsers(server, {
      keepsBytes: () => true,
      bytesLimit: 4_000_000,
      parsedLimit: 1_000,
      totalLimit: 8_000_000,
    });
    server.setErrorHandler((thrown, _request, reply) => {
      const { status, code } = toFirekeepError(thrown) satisfies FirekeepError;
      return reply.status(status).send({ code });
    });
    server.post('/*', () => ({}));
    port = Number(new URL(await server.listen({ port: 0, host: '127.0.0.1' })).port);
  });
  afterAll(() => server.close());

  it('is answered to who sends all of it before reading', async () => {
    const answer = await sendWhole(port, 'content-length: 7000000', many(70));
    expect(answer).toMatch(/^HTTP\/1\.1 413 [^]*HTTP_BODY_TOO_LARGE/);
  });

  it('is answered in the same way where it comes in chunks', async () => {
    const parts = many(70).map((text) => `${text.length.toString(16)}\r\n${text}\r\n`);
    const answer = await sendWhole(port, 'transfer-encoding: chunked', [...parts, '0\r\n\r\n']);
    expect(answer).toMatch(/^HTTP\/1\.1 413 [^]*HTTP_BODY_TOO_LARGE/);
  });

  it('is cut off where it goes on and on', async () => {
    expect(await sendWhole(port, 'content-length: 900000000', many(9_000))).toBe('connection lost');
  });
});

async function eventually(check: () => Promise<void> | void): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      await check();
      return;
    } catch {
      await setTimeout(20);
    }
  }
  await check();
}
