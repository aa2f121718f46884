import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../kit/server-process.js';

const root = join(__dirname, '..', '..');

/** The benchmark of searches on a tiny population, so that it goes on working. */
describe('npm run bench:search', () => {
  it('fills a database with a population and measures every search on it', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        join('bench', 'search', 'run.mjs'),
        '--sizes=',
        '--sqlite-sizes=600',
        '--seconds=0.1',
        '--in-flight=2',
        `--port=${await freePort()}`,
        `--folder=${mkdtempSync(join(tmpdir(), 'firekeep-bench-'))}`,
      ],
      { cwd: root, env: { PATH: process.env.PATH ?? '', TMPDIR: tmpdir() }, timeout: 120_000 },
    );
    expect(stdout).toContain('## SQLite, 600 resources');
    const rows = stdout.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
    const rate = (name: string): number => Number(rows.find(([, cell]) => cell === name)?.[2]);
    expect(rate('identifier')).toBeGreaterThan(0);
    expect(rate('_include and _revinclude')).toBeGreaterThan(0);
    expect(rows.find(([, cell]) => cell === ':contains')?.[2]).toBe('200');
    expect(stdout).toMatch(/\| all of the index \| \d{3,} \| 100 % \|/);
  });
});
