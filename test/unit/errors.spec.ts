import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'))
  .map((path) => readFileSync(join(root, 'src', path), 'utf8'));
const codes = new Set(
  sources.flatMap((text) =>
    [...text.matchAll(/FirekeepError\(\s*'[a-z-]+',\s*'([A-Z][A-Z0-9_]+)'/g)].map((match) => match[1] ?? ''),
  ),
);

describe('docs/errors.md', () => {
  const table = readFileSync(join(root, 'docs', 'errors.md'), 'utf8');

  it('knows of errors at all', () => expect(codes.size).toBeGreaterThan(50));

  it.each([...codes].sort())('tells the remedy for %s', (code) => expect(table).toContain(`| \`${code}\` |`));
});
