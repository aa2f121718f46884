import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { toFirekeepError } from '../../platform/http/index.js';
import { isForm, readForm, readJsonObject, withForm } from './parsed-body.js';

const form = 'application/x-www-form-urlencoded';

describe('a body that comes to the authorization server', () => {
  let server: Server;
  let url: string;
  let read: (request: IncomingMessage) => Promise<unknown>;

  beforeAll(async () => {
    server = createServer((request, response) => {
      void read(request)
        .then((value) => response.end(JSON.stringify(value)))
        .catch((thrown: unknown) => {
          const { status, code } = toFirekeepError(thrown);
          response.writeHead(status).end(JSON.stringify({ code }));
        });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const send = async (
    type: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ): Promise<unknown> => {
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': type, ...headers }, body });
    return answer.json();
  };

  it('is read as a form, packed or not', async () => {
    read = async (request) => [...(await readForm(request))];
    expect(await send(`${form}; charset=UTF-8`, 'a=1&a=%20')).toEqual([
      ['a', '1'],
      ['a', ' '],
    ]);
    const packed = new Uint8Array(gzipSync('a=1'));
    expect(await send(form, packed, { 'content-encoding': 'gzip' })).toEqual([['a', '1']]);
    expect(await send('text/plain', 'a=1')).toEqual({ code: 'OAUTH2_MEDIA_TYPE' });
  });

  it('is read as a JSON object, and as nothing else', async () => {
    read = (request) => readJsonObject(request);
    expect(await send('application/json', '{"a":1}')).toEqual({ a: 1 });
    for (const text of ['', '[]', 'null', '{"a":{"__proto__":1}}', '{"a":']) {
      expect(await send('application/json', text)).toEqual({ code: 'OAUTH2_MALFORMED_JSON' });
    }
  });

  it('is bounded, unpacked too, and answered where it is larger', async () => {
    read = async (request) => [...(await readForm(request, 1000))];
    const large = 'a'.repeat(200_000);
    expect(await send(form, large)).toEqual({ code: 'HTTP_BODY_TOO_LARGE' });
    const packed = new Uint8Array(gzipSync(large));
    expect(await send(form, packed, { 'content-encoding': 'gzip' })).toEqual({ code: 'HTTP_BODY_TOO_LARGE' });
  });

  it('can be another one for the engine, which reads it as it does any request', async () => {
    read = async (request) => {
      const given = await readForm(request);
      given.set('token', 'other');
      const copy = withForm(request, given);
      const { method, url: path, headers, httpVersion } = copy;
      const again = [...(await readForm(copy))];
      return { method, path, httpVersion, isForm: isForm(copy), headers, again };
    };
    const packed = new Uint8Array(gzipSync('token=one&hint=a'));
    const seen = await send(form, packed, { 'content-encoding': 'gzip', authorization: 'Basic eDp5' });
    expect(seen).toMatchObject({
      ...{ method: 'POST', path: '/', httpVersion: '1.1', isForm: true },
      headers: { authorization: 'Basic eDp5', 'content-length': '18', 'content-type': form },
      again: [
        ['token', 'other'],
        ['hint', 'a'],
      ],
    });
    expect(seen).not.toHaveProperty('headers.content-encoding');
    // The connection is still good for the next one.
    expect(await send(form, 'token=two')).toMatchObject({ again: [['token', 'other']] });
  });

  it('is not waited for where the caller went before it was read', async () => {
    const outcome = new Promise<unknown>((resolve) => {
      read = async (request) => {
        await new Promise((gone) => request.once('close', gone));
        await readForm(request).catch((thrown: unknown) => resolve(thrown));
      };
    });
    const abort = new AbortController();
    const body = new ReadableStream({ start: (stream) => stream.enqueue(new TextEncoder().encode('a=1')) });
    const request = { method: 'POST', headers: { 'content-type': form }, body, duplex: 'half' as const };
    const sent = fetch(url, { ...request, signal: abort.signal });
    setTimeout(() => abort.abort(), 50);
    await expect(sent).rejects.toThrow();
    expect(await outcome).toMatchObject({ code: 'HTTP_BODY_INCOMPLETE' });
  });
});
