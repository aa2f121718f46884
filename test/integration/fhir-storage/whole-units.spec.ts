import type { WriteUnit } from '../../../src/fhir/storage/ports.js';
import { sqlite } from '../../kit/databases.js';
import { body, create, openStore, put, repository, token, type StoreFixture } from '../../kit/fhir-store.js';

/** Creates the first, then whatever the second is. */
function both(first: string, second: string, values: number, version = 1): WriteUnit<string> {
  return {
    repository,
    targets: () => [{ type: 'Patient', id: second }],
    apply: ({ now }) => ({
      writes: [first, second].map((id) => ({
        ...({ kind: 'create', type: 'Patient', id, method: 'POST' } as const),
        version: id === second ? version : 1,
        lastUpdated: now,
        content: body('Patient', id, 1),
        values: id === second ? Array.from({ length: values }, (_, n) => token('identifier', String(n))) : [],
      })),
      result: 'written',
    }),
  };
}

describe('a unit of several writes', () => {
  let fixture: StoreFixture;
  beforeAll(async () => {
    fixture = await openStore(await sqlite.create(), { indexRows: 5 });
  });
  afterAll(() => fixture.close());
  const read = (id: string) => fixture.store.read(repository, 'Patient', id);

  it('is stored whole', async () => {
    expect(await fixture.store.commit(both('a1', 'a2', 5))).toBe('written');
    expect([(await read('a1'))?.version, (await read('a2'))?.version]).toEqual([1, 1]);
  });

  it('of which the second is refused leaves nothing, alone or beside others of the same commit', async () => {
    const refused = { code: 'FHIR_STORE_TOO_MANY_INDEX_ROWS', status: 422 };
    await expect(fixture.store.commit(both('b1', 'b2', 6))).rejects.toMatchObject(refused);
    const outcomes = await Promise.allSettled([
      fixture.store.commit(create('Patient', 'before')),
      fixture.store.commit(both('c1', 'c2', 6)),
      fixture.store.commit(put('Patient', 'after')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const stored = await Promise.all(['b1', 'b2', 'c1', 'c2', 'before', 'after'].map(read));
    expect(stored.map((resource) => resource?.id)).toEqual([
      ...[undefined, undefined, undefined, undefined],
      ...['before', 'after'],
    ]);
  });

  it('of which the second does not fit what is stored leaves nothing', async () => {
    await fixture.store.commit(put('Patient', 'there'));
    await expect(fixture.store.commit(both('d1', 'there', 0, 2))).rejects.toMatchObject({
      code: 'FHIR_STORE_ID_TAKEN',
    });
    await expect(fixture.store.commit(both('d2', 'd3', 0, 2))).rejects.toMatchObject({
      code: 'FHIR_STORE_WRONG_PLAN',
    });
    expect(await Promise.all(['d1', 'd2', 'd3'].map(read))).toEqual([undefined, undefined, undefined]);
    expect((await read('there'))?.version).toBe(1);
  });
});
