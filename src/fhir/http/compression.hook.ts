import { pipeline, Readable } from 'node:stream';
import {
  constants,
  brotliCompress,
  brotliCompressSync,
  createBrotliCompress,
  createGzip,
  gzip,
  gzipSync,
} from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isFhirUrl } from './outcome.renderer.js';
import { acceptedEncoding, type ContentEncoding } from './accepted-encoding.js';
import { addVary } from './vary.js';

/** Smaller answers fit into a packet as they are. */
const smallestBytes = 1024;

/** Up to here compression takes less than a tenth of a millisecond, so that a thread would not pay. */
const largestAtOnce = 64 * 1024;

/** Low, since clinical JSON repeats itself: higher ones take three times as long for a tenth less. */
const gzipLevel = 2;
const brotliQuality = 1;

const compressible = /^(?:application\/(?:[\w.-]+\+)?(?:json|xml)|text\/)/;

type Done = (error: Error | null, payload?: unknown) => void;

/** Compressed texts of answers that are the same for everybody. */
const lasting = new WeakMap<Buffer, Map<ContentEncoding, Buffer>>();

/**
 * Fastify `onSend` hook: compresses the answers of FHIR endpoints. Every other answer is left alone: those of
 * OAuth2 and of pages hold secrets beside what a request chose, which compression would give away.
 * Source: RFC 9110 section 8.4, section 12.5.3.
 */
export function compressAnswers(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: Done,
): void {
  if (!isFhirUrl(request.raw.url ?? '') || !isCompressible(reply, payload)) {
    done(null, payload);
    return;
  }
  addVary(reply, 'Accept-Encoding');
  const encoding = acceptedEncoding(request.headers['accept-encoding']);
  if (encoding === undefined || request.method === 'HEAD' || isLedFromElsewhere(request)) {
    done(null, payload);
    return;
  }
  if (payload instanceof Readable) {
    void reply.header('content-encoding', encoding).removeHeader('content-length');
    done(null, compressedStream(payload, encoding));
    return;
  }
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const send = (error: Error | null, compressed?: Buffer): void => {
    if (error !== null || compressed === undefined) {
      done(null, payload);
      return;
    }
    void reply.header('content-encoding', encoding).removeHeader('content-length');
    done(null, compressed);
  };
  if (String(reply.getHeader('cache-control')).startsWith('public')) compressOnce(bytes, encoding, send);
  else compress(bytes, encoding, send);
}

function isCompressible(reply: FastifyReply, payload: unknown): payload is string | Buffer | Readable {
  if (typeof payload !== 'string' && !Buffer.isBuffer(payload) && !(payload instanceof Readable))
    return false;
  const { statusCode } = reply;
  if (!(payload instanceof Readable) && payload.length < smallestBytes) return false;
  if (statusCode === 206 || reply.hasHeader('content-encoding')) return false;
  if (String(reply.getHeader('cache-control')).includes('no-transform')) return false;
  return compressible.test(String(reply.getHeader('content-type')));
}

/**
 * Whether another site had a browser send its stored Basic credentials: such a site could guess at the answer
 * from its length, character by character.
 */
function isLedFromElsewhere({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none' && isBasic(headers.authorization);
}

function isBasic(authorization: string | undefined): boolean {
  return /^basic /i.test(authorization ?? '');
}

/** What is sent while it is made; where it fails, so does what is made of it. */
function compressedStream(source: Readable, encoding: ContentEncoding): Readable {
  const compressor =
    encoding === 'br'
      ? createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality } })
      : createGzip({ level: gzipLevel });
  pipeline(source, compressor, () => undefined);
  return compressor;
}

function compressOnce(
  bytes: Buffer,
  encoding: ContentEncoding,
  send: (error: Error | null, compressed?: Buffer) => void,
): void {
  const known = lasting.get(bytes) ?? new Map<ContentEncoding, Buffer>();
  lasting.set(bytes, known);
  const found = known.get(encoding);
  if (found !== undefined) {
    send(null, found);
    return;
  }
  compress(bytes, encoding, (error, compressed) => {
    if (compressed !== undefined) known.set(encoding, compressed);
    send(error, compressed);
  });
}

function compress(
  bytes: Buffer,
  encoding: ContentEncoding,
  send: (error: Error | null, compressed?: Buffer) => void,
): void {
  const level = { level: gzipLevel };
  const params = {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: brotliQuality,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  };
  if (bytes.length <= largestAtOnce) {
    send(null, encoding === 'br' ? brotliCompressSync(bytes, params) : gzipSync(bytes, level));
  } else if (encoding === 'br') brotliCompress(bytes, params, send);
  else gzip(bytes, level, send);
}
