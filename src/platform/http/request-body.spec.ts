import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { BodyBudget, letThrough, readBody } from './request-body.js';

const limit = 1_000;

/** A request whose body comes in these parts, with or without word of its length. */
function request(
  parts: readonly Buffer[],
  headers: Readonly<Record<string, string>> = {},
): [IncomingMessage, Readable] {
  return [{ headers } as unknown as IncomingMessage, Readable.from(parts, { objectMode: false })];
}
const bytes = (count: number): Buffer => Buffer.alloc(count, 'x');
const read = (
  parts: readonly Buffer[],
  headers: Readonly<Record<string, string>> = {},
  onBytes?: (count: number) => void,
): Promise<number | string> => {
  const [message, payload] = request(parts, headers);
  return readBody(message, payload, limit, onBytes).then(
    ({ length }) => length,
    (error: unknown) => (error as { code: string }).code,
  );
};

describe('a body', () => {
  it('of exactly the limit is read, and one byte more is refused, whether or not its length is told', async () => {
    for (const told of [true, false]) {
      const headers = (count: number): Record<string, string> =>
        told ? { 'content-length': String(count) } : {};
      expect(await read([bytes(limit)], headers(limit))).toBe(limit);
      expect(await read([bytes(limit + 1)], headers(limit + 1))).toBe('HTTP_BODY_TOO_LARGE');
    }
  });

  it('in chunks is counted over all of them', async () => {
    expect(await read([bytes(limit - 1), bytes(1)])).toBe(limit);
    expect(await read([bytes(limit), bytes(1)])).toBe('HTTP_BODY_TOO_LARGE');
    expect(await read(Array.from({ length: limit + 1 }, () => bytes(1)))).toBe('HTTP_BODY_TOO_LARGE');
  });

  it('that lies about its length is counted all the same', async () => {
    expect(await read([bytes(limit + 1)], { 'content-length': '10' })).toBe('HTTP_BODY_TOO_LARGE');
    expect(await read([bytes(limit + 1)], { 'content-length': 'many' })).toBe('HTTP_BODY_TOO_LARGE');
  });

  it('that says it is too long is refused before any of it is read', async () => {
    const [message, payload] = request([bytes(1)], { 'content-length': String(limit + 1) });
    await expect(readBody(message, payload, limit)).rejects.toMatchObject({ status: 413 });
    expect(payload.readableFlowing).toBeNull();
  });

  it.each(['gzip', 'x-gzip'])('that is packed by %s is counted unpacked, to the byte', async (encoding) => {
    const headers = { 'content-encoding': encoding };
    expect(await read([gzipSync(bytes(limit))], headers)).toBe(limit);
    expect(await read([gzipSync(bytes(limit + 1))], headers)).toBe('HTTP_BODY_TOO_LARGE');
  });

  it('that is packed otherwise is refused', async () => {
    expect(await read([bytes(1)], { 'content-encoding': 'identity' })).toBe(1);
    expect(await read([bytes(1)], { 'content-encoding': 'gzip, gzip' })).toBe('HTTP_UNSUPPORTED_ENCODING');
    expect(await read([bytes(1)], { 'content-encoding': '' })).toBe('HTTP_UNSUPPORTED_ENCODING');
  });

  it('is told of chunk by chunk, and ends with what that throws', async () => {
    const counts: number[] = [];
    expect(await read([bytes(3), bytes(4)], {}, (count) => void counts.push(count))).toBe(7);
    expect(counts).toEqual([3, 4]);
    const full = Object.assign(new Error('full'), { code: 'FULL' });
    const refuse = (count: number): void => {
      if (count === 4) throw full;
    };
    expect(await read([bytes(3), bytes(4), bytes(5)], {}, refuse)).toBe('FULL');
  });

  it('comes whole, in the order of its parts, and may be empty', async () => {
    const [message, payload] = request([Buffer.from('a'), Buffer.from('b'), Buffer.from('c')]);
    expect((await readBody(message, payload, limit)).toString()).toBe('abc');
    expect(await read([])).toBe(0);
  });

  it('that breaks off is refused, before and while it is read', async () => {
    const [message, broken] = request([bytes(1)]);
    broken.destroy();
    await expect(readBody(message, broken, limit)).rejects.toMatchObject({ code: 'HTTP_BODY_INCOMPLETE' });
    const [, half] = [message, new Readable({ read: () => undefined })];
    half.push(bytes(1));
    const reading = readBody(message, half, limit);
    half.emit('aborted');
    await expect(reading).rejects.toMatchObject({ code: 'HTTP_BODY_INCOMPLETE' });
  });
});

describe('what comes of a body that was refused', () => {
  it('is let through to a bound, to the byte, and cut off behind it', async () => {
    const passed = async (count: number): Promise<boolean> => {
      const payload = new Readable({ read: () => undefined });
      letThrough(payload, 10);
      payload.push(bytes(count));
      await new Promise((done) => setImmediate(done));
      return !payload.destroyed;
    };
    expect(await passed(10)).toBe(true);
    expect(await passed(11)).toBe(false);
  });
});

describe('the bytes of all bodies together', () => {
  it('are taken to the last one, and come back', () => {
    const budget = new BodyBudget(10);
    budget.take(4);
    budget.take(6);
    expect(() => budget.take(1)).toThrow(
      expect.objectContaining({ code: 'HTTP_BODIES_TOO_MANY', status: 503, retryAfter: 1 }),
    );
    budget.release(1);
    budget.take(1);
    expect(() => budget.take(1)).toThrow();
    budget.release(10);
    budget.take(10);
  });
});
