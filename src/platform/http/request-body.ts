import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FirekeepError } from '../errors/index.js';

/** Bytes of bodies that are held in memory at once, by all requests together. */
export class BodyBudget {
  private held = 0;

  constructor(private readonly limit: number) {}

  /** @throws FirekeepError `HTTP_BODIES_TOO_MANY` */
  take(bytes: number): void {
    if (this.held + bytes > this.limit) {
      throw new FirekeepError(
        'unavailable',
        'HTTP_BODIES_TOO_MANY',
        'The server is receiving too many large bodies at once. Send this one again in a moment.',
        { retryAfter: 1 },
      );
    }
    this.held += bytes;
  }

  release(bytes: number): void {
    this.held -= bytes;
  }
}

const ignore = (): void => undefined;

/**
 * Reads a body whole, decompressed where it is gzip, and stops at the limit, which counts decompressed bytes.
 *
 * @param onBytes told of every chunk before it is kept; may throw
 * @throws FirekeepError `HTTP_BODY_TOO_LARGE`, `HTTP_UNSUPPORTED_ENCODING`, `HTTP_BODY_INCOMPLETE`, `HTTP_MALFORMED_GZIP`
 */
export function readBody(
  { headers }: IncomingMessage,
  payload: Readable,
  limit: number,
  onBytes: (bytes: number) => void = ignore,
): Promise<Buffer> {
  const encoding = headers['content-encoding'] ?? 'identity';
  const length = Number(headers['content-length'] ?? Number.NaN);
  if (length > limit) return Promise.reject(tooLarge(limit));
  if (encoding === 'identity') return collect(payload, limit, onBytes);
  if (encoding === 'gzip' || encoding === 'x-gzip') return gunzip(payload, limit, onBytes);
  return Promise.reject(
    new FirekeepError(
      'unsupported-media-type',
      'HTTP_UNSUPPORTED_ENCODING',
      'A body may be compressed with gzip or not at all.',
      { headers: { 'accept-encoding': 'gzip' } },
    ),
  );
}

/** Takes in what still comes of a body that was refused, and keeps nothing; cuts the connection after `most` bytes. */
export function letThrough(payload: Readable, most: number): void {
  let passed = 0;
  payload.on('error', ignore).on('data', (chunk: Buffer) => {
    passed += chunk.length;
    if (passed > most) payload.destroy();
  });
  payload.resume();
}

function collect(stream: Readable, limit: number, onBytes: (bytes: number) => void): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let received = 0;
    const stop = (): void => {
      stream.off('data', take).off('end', end).off('error', fail).off('aborted', abort).off('close', abort);
      // What still comes is let through unread.
      stream.on('error', ignore).resume();
    };
    const fail = (error: unknown): void => {
      stop();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const abort = (): void => fail(incomplete());
    const take = (chunk: Buffer): void => {
      received += chunk.length;
      try {
        if (received > limit) throw tooLarge(limit);
        onBytes(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        fail(error);
      }
    };
    const end = (): void => {
      stop();
      const [only] = chunks;
      resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, received));
    };
    // Gone before anybody listened: nothing of the below is said again.
    if (stream.destroyed) {
      reject(incomplete());
      return;
    }
    stream.on('data', take).on('end', end).on('error', fail).on('aborted', abort).on('close', abort);
  });
}

async function gunzip(payload: Readable, limit: number, onBytes: (bytes: number) => void): Promise<Buffer> {
  const decompressor = createGunzip();
  const cut = (): void => {
    decompressor.destroy(incomplete());
  };
  payload.once('aborted', cut).once('error', cut);
  payload.pipe(decompressor);
  try {
    return await collect(decompressor, limit, onBytes);
  } catch (error) {
    if (error instanceof FirekeepError) throw error;
    throw new FirekeepError('invalid', 'HTTP_MALFORMED_GZIP', 'The body is not whole gzip data.', {
      cause: error,
    });
  } finally {
    payload.off('aborted', cut).off('error', cut);
    payload.unpipe(decompressor);
    decompressor.destroy();
    payload.resume();
  }
}

function incomplete(): FirekeepError {
  return new FirekeepError('invalid', 'HTTP_BODY_INCOMPLETE', 'The body ended too early.');
}

function tooLarge(limit: number): FirekeepError {
  return new FirekeepError(
    'too-large',
    'HTTP_BODY_TOO_LARGE',
    `A body may have ${limit} bytes here, counted decompressed.`,
  );
}
