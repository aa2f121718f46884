import { databases } from '../../kit/databases.js';
import {
  body,
  byToken,
  create,
  found,
  openStore,
  put,
  remove,
  repository,
  token,
  type StoreFixture,
} from '../../kit/fhir-store.js';

describe.each(databases)('versions of a resource on $name', ({ create: createDatabase }) => {
  let fixture: StoreFixture;
  beforeAll(async () => {
    fixture = await openStore(await createDatabase());
  });
  afterAll(() => fixture.close());
  const read = (type: string, id: string) => fixture.store.read(repository, type, id);

  test('a create is read back with the bytes that came in', async () => {
    const content = { text: '<div>„Grüße“ 😀 \' " \\ \n</div>', value: '1.00' };
    await fixture.store.commit(create('Patient', 'bytes', [], content));
    const stored = await read('Patient', 'bytes');
    expect(stored).toMatchObject({ type: 'Patient', id: 'bytes', version: 1, deleted: false });
    expect(stored?.content.equals(body('Patient', 'bytes', 1, content))).toBe(true);
  });

  test('what never existed is undefined, in a known type and in an unknown one', async () => {
    expect(await read('Patient', 'never')).toBeUndefined();
    expect(await read('Basic', 'never')).toBeUndefined();
    expect(await fixture.store.read('elsewhere', 'Patient', 'bytes')).toBeUndefined();
    expect(await fixture.store.readVersion(repository, 'Patient', 'never', 1)).toBeUndefined();
    expect(await fixture.store.history(repository, 'Patient', 'never', { count: 10 })).toEqual({
      total: 0,
      versions: [],
      more: false,
    });
  });

  test.each([70_000, 1_500_000])('a body of %d bytes survives, also in the history', async (length) => {
    const id = `large-${length}`;
    const content = { note: 'ö"\\\n'.repeat(length / 4) };
    await fixture.store.commit(put('Patient', id, { content }));
    await fixture.store.commit(put('Patient', id, { content }));
    expect((await read('Patient', id))?.content.equals(body('Patient', id, 2, content))).toBe(true);
    const first = await fixture.store.readVersion(repository, 'Patient', id, 1);
    expect(first?.content.equals(body('Patient', id, 1, content))).toBe(true);
  });

  test('a body that no MEDIUMBLOB holds is refused with 413 and nothing stored', async () => {
    const content = { note: 'x'.repeat(17 * 1024 * 1024) };
    await expect(fixture.store.commit(put('Patient', 'giant', { content }))).rejects.toMatchObject({
      category: 'too-large',
      code: 'FHIR_STORE_RESOURCE_TOO_LARGE',
    });
    expect(await read('Patient', 'giant')).toBeUndefined();
  });

  test('ids that differ only by case are two resources', async () => {
    await fixture.store.commit(put('Patient', 'Case', { content: { n: 1 } }));
    await fixture.store.commit(put('Patient', 'case', { content: { n: 2 } }));
    expect((await read('Patient', 'Case'))?.content.equals(body('Patient', 'Case', 1, { n: 1 }))).toBe(true);
    expect((await read('Patient', 'case'))?.content.equals(body('Patient', 'case', 1, { n: 2 }))).toBe(true);
    expect(await read('Patient', 'case ')).toBeUndefined();
  });

  test('the same id in two types and two repositories is three resources', async () => {
    await fixture.store.commit(put('Patient', 'shared'));
    await fixture.store.commit(put('Group', 'shared'));
    await fixture.store.commit({ ...put('Patient', 'shared'), repository: 'other' });
    const rids = [
      await read('Patient', 'shared'),
      await read('Group', 'shared'),
      await fixture.store.read('other', 'Patient', 'shared'),
    ].map((stored) => stored?.rid);
    expect(new Set(rids).size).toBe(3);
  });

  test('the history has the newest version first, with methods, pages and since', async () => {
    await fixture.store.commit(create('Patient', 'aged'));
    for (let n = 0; n < 4; n++) await fixture.store.commit(put('Patient', 'aged', { content: { n } }));
    const history = (page: object) =>
      fixture.store.history(repository, 'Patient', 'aged', { count: 2, ...page });
    const first = await history({});
    expect(first).toMatchObject({ total: 5, more: true });
    expect(first.versions.map(({ version, method }) => [version, method])).toEqual([
      [5, 'PUT'],
      [4, 'PUT'],
    ]);
    const second = await history({ before: 4 });
    expect(second.versions.map(({ version }) => version)).toEqual([3, 2]);
    const last = await history({ before: 2 });
    expect(last).toMatchObject({ more: false, versions: [{ version: 1, method: 'POST' }] });
    const [, fourth] = first.versions;
    const since = await history({ since: fourth?.lastUpdated });
    expect(since).toMatchObject({ total: 2, more: false });
    const none = await history({ count: 0 });
    expect(none).toMatchObject({ total: 5, versions: [], more: true });
  });

  test('each version is later than the one before, even when the clock stands still', async () => {
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now());
    try {
      for (let n = 0; n < 3; n++) await fixture.store.commit(put('Patient', 'clock'));
    } finally {
      clock.mockRestore();
    }
    const { versions } = await fixture.store.history(repository, 'Patient', 'clock', { count: 10 });
    const [third, second, first] = versions.map(({ lastUpdated }) => lastUpdated);
    expect(third).toBeGreaterThan(second!);
    expect(second).toBeGreaterThan(first!);
  });

  test('a deletion leaves a version without content, no index row, and the body in the history', async () => {
    await fixture.store.commit(put('Patient', 'mortal', { values: [token('identifier', 'mortal')] }));
    expect(await found(fixture.store, byToken('Patient', 'identifier', 'mortal'))).toEqual(['mortal']);
    expect(await fixture.store.commit(remove('Patient', 'mortal'))).toBe(2);
    expect(await read('Patient', 'mortal')).toMatchObject({
      version: 2,
      deleted: true,
      content: Buffer.alloc(0),
    });
    expect(await found(fixture.store, byToken('Patient', 'identifier', 'mortal'))).toEqual([]);
    const first = await fixture.store.readVersion(repository, 'Patient', 'mortal', 1);
    expect(first?.content.equals(body('Patient', 'mortal', 1))).toBe(true);
  });

  test('a deleted resource comes back with the next version and is found again', async () => {
    await fixture.store.commit(put('Patient', 'phoenix', { values: [token('identifier', 'phoenix')] }));
    await fixture.store.commit(remove('Patient', 'phoenix'));
    const revived = put('Patient', 'phoenix', { values: [token('identifier', 'reborn')] });
    expect(await fixture.store.commit(revived)).toBe(3);
    expect(await found(fixture.store, byToken('Patient', 'identifier', 'phoenix'))).toEqual([]);
    expect(await found(fixture.store, byToken('Patient', 'identifier', 'reborn'))).toEqual(['phoenix']);
    const { versions } = await fixture.store.history(repository, 'Patient', 'phoenix', { count: 10 });
    expect(versions.map(({ method, deleted }) => [method, deleted])).toEqual([
      ['PUT', false],
      ['DELETE', true],
      ['PUT', false],
    ]);
  });

  test('a plan that does not continue what is stored is refused and changes nothing', async () => {
    await fixture.store.commit(put('Patient', 'planned'));
    const skipping = {
      repository,
      targets: () => [{ type: 'Patient', id: 'planned' }],
      apply: ({ now }: { now: number }) => ({
        writes: [
          {
            kind: 'update' as const,
            type: 'Patient',
            id: 'planned',
            version: 3,
            lastUpdated: now,
            content: body('Patient', 'planned', 3),
            values: [],
            method: 'PUT' as const,
          },
        ],
        result: undefined,
      }),
    };
    await expect(fixture.store.commit(skipping)).rejects.toMatchObject({ code: 'FHIR_STORE_WRONG_PLAN' });
    await fixture.store.commit(remove('Patient', 'planned'));
    await expect(fixture.store.commit(remove('Patient', 'planned'))).rejects.toMatchObject({
      code: 'FHIR_STORE_WRONG_PLAN',
    });
    expect(await read('Patient', 'planned')).toMatchObject({ version: 2, deleted: true });
  });
});
