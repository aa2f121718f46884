import { createReadStream, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { pipeline } from 'node:stream';
import { FirekeepError } from '../../platform/errors/index.js';

/** Bytes of a Bundle, unpacked: more than a server takes. */
const largestBundle = 256 * 2 ** 20;
/** Bytes of a line of NDJSON. */
const largestLine = 64 * 2 ** 20;

const mebibyte = 2 ** 20;
const LINE_FEED = 0x0a;

/**
 * The whole text of a file, unpacked where it is gzip.
 *
 * @throws FirekeepError `LOAD_UNREADABLE`, `LOAD_MALFORMED_GZIP`, `LOAD_NOT_TEXT`, `LOAD_TOO_LARGE`
 */
export async function wholeText(file: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bytesOf(file)) {
    size += chunk.length;
    if (size > largestBundle) {
      throw tooLarge(file, largestBundle, 'Cut it into several Bundles, or into NDJSON');
    }
    chunks.push(chunk);
  }
  return decoded(Buffer.concat(chunks), file);
}

/** The lines of a file, unpacked where it is gzip. @throws FirekeepError as `wholeText`, naming the line */
export async function* linesOf(file: string): AsyncGenerator<string> {
  let begun: Buffer[] = [];
  let size = 0;
  let line = 1;
  const take = (last: Buffer): string => {
    const text = decoded(Buffer.concat([...begun, last]), `${file}, line ${line}`);
    begun = [];
    size = 0;
    line += 1;
    return text.endsWith('\r') ? text.slice(0, -1) : text;
  };
  for await (const chunk of bytesOf(file)) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      yield take(chunk.subarray(start, end));
      start = end + 1;
    }
    const rest = chunk.subarray(start);
    size += rest.length;
    if (size > largestLine) throw tooLarge(`${file}, line ${line},`, largestLine, 'One line is one resource');
    if (rest.length > 0) begun.push(rest);
  }
  if (begun.length > 0) yield take(Buffer.alloc(0));
}

async function* bytesOf(file: string): AsyncGenerator<Buffer> {
  const isGzip = await beginsAsGzip(file);
  const source = createReadStream(file);
  // The error reaches the reader through the last stream.
  const stream = isGzip ? pipeline(source, createGunzip(), () => undefined) : source;
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!code.startsWith('Z_')) throw unreadable(file, error);
    throw new FirekeepError(
      'invalid',
      'LOAD_MALFORMED_GZIP',
      `${file} begins as gzip and ${code === 'Z_BUF_ERROR' ? 'is cut off' : 'is none further on'}. Pack or copy it again.`,
      { cause: error },
    );
  } finally {
    source.destroy();
  }
}

async function beginsAsGzip(file: string): Promise<boolean> {
  try {
    // Devices and pipes might never end, or be there once only.
    if (!statSync(file).isFile()) throw new Error('it is no file');
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
      return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw unreadable(file, error);
  }
}

function decoded(bytes: Buffer, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new FirekeepError(
      'invalid',
      'LOAD_NOT_TEXT',
      `${where} is no text in UTF-8. Load JSON or NDJSON.`,
      {
        cause: error,
      },
    );
  }
}

function tooLarge(what: string, most: number, remedy: string): FirekeepError {
  return new FirekeepError(
    'invalid',
    'LOAD_TOO_LARGE',
    `${what} has more than ${most / mebibyte} MiB when it is unpacked. ${remedy}.`,
  );
}

/** A file or folder that isn't there, that this user may not read, or that is something else. */
export function unreadable(path: string, error: unknown): FirekeepError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new FirekeepError('invalid', 'LOAD_UNREADABLE', `${path} can't be read (${code ?? message}).`, {
    cause: error,
  });
}
