import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const docs = join(__dirname, '..', '..', 'docs');
const tour = readFileSync(join(docs, 'tour.md'), 'utf8');
const journeys = tour.split(/^## /m).slice(1);
const stops = journeys.flatMap((journey) => {
  const title = journey.split('\n', 1)[0] ?? '';
  return journey
    .split('\n')
    .filter((line) => /^\d+\. /.test(line))
    .map((line): readonly [string, string] => [title, line]);
});

describe('docs/tour.md', () => {
  it('follows a read, a search, a transaction and a token', () =>
    expect(journeys.map((journey) => journey.split('\n', 1)[0])).toEqual([
      'A read',
      'A search',
      'A transaction',
      'A token',
    ]));

  it.each(journeys.map((journey) => [journey.split('\n', 1)[0] ?? '', journey] as const))(
    '%s has ten stops',
    (title) => expect(stops.filter(([of]) => of === title)).toHaveLength(10),
  );

  it.each(stops)('%s: %s', (_title, line) => {
    const [, name = '', path = ''] = /^\d+\. \[`(\w+)`\]\(\.\.\/(src\/[^)]+)\)/.exec(line) ?? [];
    const file = join(docs, '..', path);
    expect([path, existsSync(file)]).toEqual([expect.stringMatching(/\.ts$/), true]);
    expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`\\b${name}\\b`));
  });
});
