import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(__dirname, '..', '..');
const rows = readFileSync(join(root, 'docs', 'attacks.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^\|(?: ?-| attack )/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()));

type Named = [attack: string, file: string, title: string];

const namedIn = (column: number): Named[] =>
  rows.flatMap((cells) => {
    const tests = (cells[column] ?? '').split('<br>').filter((text) => text !== '');
    return tests.map((text): Named => {
      const [, file = text, title = ''] = /^`([^`]+)`: (.+)$/.exec(text) ?? [];
      return [cells[1] ?? '', file, title];
    });
  });

const overHttp = namedIn(2);
const ofParts = namedIn(3);

/** The code of a test and of everything below `test` that it imports. */
function codeOf(file: string, seen = new Set<string>()): string {
  if (seen.has(file)) return '';
  seen.add(file);
  const code = readFileSync(file, 'utf8');
  const imported = [...code.matchAll(/ from '(\.[^']+)\.js'/g)].map(([, path = '']) =>
    join(dirname(file), `${path}.ts`),
  );
  const helpers = imported.filter((path) => path.startsWith(join(root, 'test')));
  return [code, ...helpers.map((path) => codeOf(path, seen))].join('\n');
}

describe('docs/attacks.md', () => {
  it('names tests for every attack', () => expect(overHttp.length).toBeGreaterThan(40));

  it.each(rows.map(([, attack = '']) => attack))('%s: is tried over HTTP', (attack) =>
    expect(overHttp.filter(([name]) => name === attack)).not.toEqual([]),
  );

  it.each([...overHttp, ...ofParts])('%s: %s has the test "%s"', (_attack, file, title) => {
    expect(existsSync(join(root, file))).toBe(true);
    const code = readFileSync(join(root, file), 'utf8');
    expect([`'${title}'`, `\`${title}\``].some((quoted) => code.includes(quoted))).toBe(true);
  });

  it.each([...new Set(overHttp.map(([, file]) => file))])('%s sends its requests by a socket', (file) => {
    const code = codeOf(join(root, file));
    expect(code).toMatch(/\b(?:fetch|httpRequest|connect)\(/);
    expect(code).not.toMatch(/\binject\(|light-my-request|InjectOptions/);
  });
});
