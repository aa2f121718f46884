import type { GrantedReader } from '../../passage/passage-stage.js';
import type { StoredResource } from '../../storage/ports.js';
import type { EverythingRequest } from './everything-parameters.js';
import type { Position, RecordPage } from './record-pages.js';
import { RecordWriter, type ReadPart } from './record-writer.js';

interface WrittenBundle {
  readonly total?: number;
  readonly link: readonly { readonly relation: string }[];
  readonly entry: readonly { readonly resource: object; readonly search: { readonly mode: string } }[];
}

const everything: EverythingRequest = {
  ...{ types: undefined, since: undefined, span: [], count: undefined, page: null, applied: [] },
};
const withStore: ReadPart = (work) => work({} as GrantedReader);

function resource(rid: number, bytes: number): StoredResource {
  const content = Buffer.from(
    JSON.stringify({ resourceType: 'Basic', id: `b${rid}`, text: 'x'.repeat(bytes) }),
  );
  return { type: 'Basic', id: `b${rid}`, rid, version: 1, lastUpdated: 0, deleted: false, content };
}

/** A record of so many members; `asked` are the sizes in which it was read. */
class FakePages {
  readonly base = 'https://fhir.example.org/r4';
  readonly asked: number[] = [];

  constructor(
    private readonly size: number,
    private readonly bytes: number,
  ) {}

  read(_store: GrantedReader, from: Position | undefined, count: number): Promise<RecordPage> {
    this.asked.push(count);
    const start = Number(from?.[1] ?? 0);
    const end = Math.min(this.size, start + count);
    const matches = Array.from({ length: end - start }, (_, n) => resource(start + n, this.bytes));
    return Promise.resolve({
      matches,
      included: [],
      next: end < this.size ? ['rid', end] : null,
      isCut: false,
    });
  }

  links(next: Position | null) {
    return ['self', 'first', ...(next === null ? [] : ['next'])].map((relation) => ({
      relation,
      url: relation,
    }));
  }
}

async function written(
  pages: FakePages,
  request = everything,
): Promise<{ parts: number; bundle: WrittenBundle }> {
  const parts: Buffer[] = [];
  for await (const part of new RecordWriter(pages, undefined, request, [], withStore).parts())
    parts.push(part);
  return { parts: parts.length, bundle: JSON.parse(Buffer.concat(parts).toString()) as WrittenBundle };
}

describe('the Bundle of a record', () => {
  it('is written part by part, and says how many there are where it holds all', async () => {
    const { parts, bundle } = await written(new FakePages(2_300, 10));
    expect(parts).toBeGreaterThan(3);
    expect([bundle.total, bundle.entry.length]).toEqual([2_300, 2_300]);
    expect(bundle.link.map(({ relation }) => relation)).toEqual(['self', 'first']);
  });

  it('ends at 10,000 resources with a link to the rest, and says so', async () => {
    const { bundle } = await written(new FakePages(12_345, 10));
    expect([bundle.total, bundle.entry.length]).toEqual([undefined, 10_001]);
    expect(bundle.link.map(({ relation }) => relation)).toEqual(['self', 'first', 'next']);
    expect(bundle.entry.at(-1)).toMatchObject({
      search: { mode: 'outcome' },
      resource: { resourceType: 'OperationOutcome', issue: [{ severity: 'warning', code: 'incomplete' }] },
    });
  });

  it('ends behind 50 MiB, and reads fewer at once where they are large', async () => {
    const pages = new FakePages(600, 200_000);
    const { bundle } = await written(pages);
    expect(bundle.link.map(({ relation }) => relation)).toContain('next');
    expect(bundle.entry.length).toBeLessThan(600);
    expect(Math.max(...pages.asked.slice(1))).toBeLessThan(30);
  });

  it('is one page where a size is asked for', async () => {
    const pages = new FakePages(100, 10);
    const { bundle } = await written(pages, { ...everything, count: 7 });
    expect(pages.asked).toEqual([7]);
    expect([bundle.entry.length, bundle.link.map(({ relation }) => relation)]).toEqual([
      7,
      ['self', 'first', 'next'],
    ]);
  });

  it('is read in small parts, between which others have their turn, also where a large page is asked for', async () => {
    const pages = new FakePages(2_000, 10);
    const writer = new RecordWriter(pages, undefined, { ...everything, count: 1_000 }, [], withStore);
    let turns = 0;
    let isDone = false;
    const turn = (): void => {
      turns += 1;
      if (!isDone) setImmediate(turn);
    };
    setImmediate(turn);
    const parts: Buffer[] = [];
    for await (const part of writer.parts()) parts.push(part);
    isDone = true;
    const bundle = JSON.parse(Buffer.concat(parts).toString()) as WrittenBundle;
    expect(bundle.entry).toHaveLength(1_000);
    expect(Math.max(...pages.asked)).toBeLessThanOrEqual(200);
    expect(turns).toBeGreaterThanOrEqual(pages.asked.length - 1);
  });

  it('fails where a part must not leave', async () => {
    const refusing: ReadPart = () => Promise.reject(new Error('not kept'));
    const parts = new RecordWriter(new FakePages(10, 1), undefined, everything, [], refusing).parts();
    await expect(parts.next()).rejects.toThrow('not kept');
  });
});
