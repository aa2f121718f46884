import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
const rows = readFileSync(join(root, 'docs', 'attacks.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^\|(?:-| attack )/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()));
const named = rows.flatMap(([, attack = '', tests = '']) =>
  tests.split('<br>').map((text): [attack: string, file: string, title: string] => {
    const [, file = text, title = ''] = /^`([^`]+)`: (.+)$/.exec(text) ?? [];
    return [attack, file, title];
  }),
);

describe('docs/attacks.md', () => {
  it('names tests for every attack', () => expect(named.length).toBeGreaterThan(40));

  it.each(named)('%s: %s has the test "%s"', (_attack, file, title) => {
    expect(existsSync(join(root, file))).toBe(true);
    const code = readFileSync(join(root, file), 'utf8');
    expect([`'${title}'`, `\`${title}\``].some((quoted) => code.includes(quoted))).toBe(true);
  });
});
