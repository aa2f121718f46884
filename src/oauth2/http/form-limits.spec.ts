import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { readForm, readJsonObject } from './parsed-body.js';

const formType = 'application/x-www-form-urlencoded';

/** A request as it comes in chunks, or with word of its length. */
function request(type: string, body: Buffer, headers: Readonly<Record<string, string>>): IncomingMessage {
  return Object.assign(Readable.from([body], { objectMode: false }), {
    headers: { 'content-type': type, ...headers },
  }) as unknown as IncomingMessage;
}
const outcomeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'read',
    (error: unknown) => (error as { code: string }).code,
  );

describe.each([
  ['that tells its length', (body: Buffer) => ({ 'content-length': String(body.length) })],
  ['in chunks', () => ({ 'transfer-encoding': 'chunked' })],
])('a body %s', (_, headers: (body: Buffer) => Record<string, string>) => {
  const form = (length: number, limit?: number): Promise<string> => {
    const body = Buffer.from(`a=${'x'.repeat(length - 2)}`);
    return outcomeOf(readForm(request(formType, body, headers(body)), limit));
  };
  const json = (length: number, limit?: number): Promise<string> => {
    const body = Buffer.from(`{"a":"${'x'.repeat(length - 8)}"}`);
    return outcomeOf(readJsonObject(request('application/json', body, headers(body)), limit));
  };

  it('may be a form of 56 KiB, and not of one byte more', async () => {
    expect(await form(56 * 1024)).toBe('read');
    expect(await form(56 * 1024 + 1)).toBe('HTTP_BODY_TOO_LARGE');
  });

  it('may be JSON of 64 KiB, and not of one byte more', async () => {
    expect(await json(64 * 1024)).toBe('read');
    expect(await json(64 * 1024 + 1)).toBe('HTTP_BODY_TOO_LARGE');
  });

  it('may be as long as its reader says', async () => {
    expect([await form(10, 10), await form(11, 10)]).toEqual(['read', 'HTTP_BODY_TOO_LARGE']);
    expect([await json(10, 10), await json(11, 10)]).toEqual(['read', 'HTTP_BODY_TOO_LARGE']);
  });
});

it('a packed form is bounded by what it unpacks to', async () => {
  const packed = (length: number): IncomingMessage =>
    request(formType, gzipSync(`a=${'x'.repeat(length - 2)}`), { 'content-encoding': 'gzip' });
  expect(await outcomeOf(readForm(packed(56 * 1024)))).toBe('read');
  expect(await outcomeOf(readForm(packed(56 * 1024 + 1)))).toBe('HTTP_BODY_TOO_LARGE');
});
