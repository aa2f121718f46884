import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { loadUnits, type LoadUnit } from './load-source.js';

const bundle = (entries: number): string =>
  JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: Array(entries).fill({}) });
const patient = '{"resourceType":"Patient","id":"a"}';

describe('files that are loaded', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'firekeep-load-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const file = (name: string, content: Buffer | string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  async function units(path: string): Promise<LoadUnit[]> {
    const found: LoadUnit[] = [];
    for await (const unit of loadUnits(path)) found.push(unit);
    return found;
  }
  /** Each one MiB when it is unpacked; gzip files may be put behind each other. */
  const mebibytes = (count: number, of = ' '): Buffer =>
    Buffer.concat(Array<Buffer>(count).fill(gzipSync(of.repeat(2 ** 20))));

  it('are Bundles and NDJSON, plain or gzip, with or without a byte order mark', async () => {
    for (const content of [bundle(2), `\ufeff${bundle(2)}`, gzipSync(bundle(2))]) {
      expect(await units(file('bundle.json', content))).toMatchObject([{ kind: 'transaction', entries: 2 }]);
    }
    const lines = `\ufeff${patient}\r\n\n${patient}`;
    for (const content of [lines, `${lines}\n`, gzipSync(lines)]) {
      const [unit] = await units(file('lines.ndjson', content));
      expect(JSON.parse(unit?.body ?? '')).toMatchObject({ entry: [{ resource: { id: 'a' } }, {}] });
    }
  });

  it.each([
    [
      'gzip that unpacks to more than a Bundle may have',
      'bomb.json.gz',
      () => mebibytes(257),
      'LOAD_TOO_LARGE',
    ],
    ['gzip that unpacks to one line without an end', 'bomb.ndjson.gz', () => mebibytes(65), 'LOAD_TOO_LARGE'],
    [
      'gzip that is cut off',
      'cut.json.gz',
      () => gzipSync(bundle(5_000), { level: 0 }).subarray(0, -100),
      'LOAD_MALFORMED_GZIP',
    ],
    [
      'NDJSON in gzip that is cut off',
      'cut.ndjson.gz',
      () => gzipSync(`${patient}\n`.repeat(50)).subarray(0, -9),
      'LOAD_MALFORMED_GZIP',
    ],
    [
      'what begins as gzip only',
      'broken.json.gz',
      () => Buffer.concat([gzipSync(bundle(1)).subarray(0, 20), Buffer.alloc(99, 7)]),
      'LOAD_MALFORMED_GZIP',
    ],
    ['two bytes of gzip', 'short.json', () => Buffer.from([0x1f, 0x8b]), 'LOAD_MALFORMED_GZIP'],
    ['a binary file', 'binary.json', () => Buffer.from([0xff, 0xfe, 0, 1]), 'LOAD_NOT_TEXT'],
    [
      'a line that is no text',
      'binary.ndjson',
      () => Buffer.from(`${patient}\n\u0000\xe9`, 'latin1'),
      'LOAD_NOT_TEXT',
    ],
    ['an empty file', 'empty.json', () => '', 'LOAD_NOT_JSON'],
    ['a line that is no JSON', 'line.ndjson', () => `${patient}\n{"a`, 'LOAD_NOT_JSON'],
  ])('%s is an error with the name of the file', async (_what, name, content, code) => {
    const path = file(name, content());
    await expect(units(path)).rejects.toMatchObject({ code, message: expect.stringContaining(path) });
  });

  it('are files, and neither folders, pipes nor devices', async () => {
    const directory = join(folder, 'folder.json');
    mkdirSync(directory);
    const pipe = join(folder, 'pipe.ndjson');
    execFileSync('mkfifo', [pipe]);
    for (const path of [directory, pipe, '/dev/zero', join(folder, 'missing.json')]) {
      await expect(units(path)).rejects.toMatchObject({
        code: 'LOAD_UNREADABLE',
        message: expect.stringContaining(path),
      });
    }
  });
});
