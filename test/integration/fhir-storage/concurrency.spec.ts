import type { ParameterValues } from '../../../src/fhir/search/index-values.js';
import type { WriteUnit } from '../../../src/fhir/storage/ports.js';
import { databases } from '../../kit/databases.js';
import {
  byToken,
  create,
  createUnless,
  found,
  openStore,
  put,
  remove,
  repository,
  token,
  type StoreFixture,
} from '../../kit/fhir-store.js';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const outcomes = async (results: Promise<unknown>[]) => {
  const settled = await Promise.allSettled(results);
  const rejected = settled.filter((result) => result.status === 'rejected');
  return {
    fulfilled: settled.length - rejected.length,
    reasons: rejected.map(({ reason }) => reason as Error),
  };
};

describe.each(databases)('concurrent writes on $name', ({ create: createDatabase }) => {
  let fixture: StoreFixture;
  let other: StoreFixture;
  beforeAll(async () => {
    fixture = await openStore(await createDatabase());
    other = await fixture.second();
  });
  afterAll(async () => {
    await other.close();
    await fixture.close();
  });

  test('of 50 equal conditional creates in parallel one creates, and all answer its id', async () => {
    const query = byToken('Patient', 'identifier', 'only-one', 'urn:sys');
    const values = [token('identifier', 'only-one', 'urn:sys')];
    const ids = await Promise.all(
      numbers(50).map((n) => {
        const { store } = n % 2 === 0 ? fixture : other;
        return store.commit(createUnless(query, 'Patient', `race-${n}`, values));
      }),
    );
    expect(new Set(ids).size).toBe(1);
    expect(await found(fixture.store, query)).toEqual([ids[0]]);
  });

  test('conditional creates with different criteria all create', async () => {
    const units = numbers(40).map((n) => {
      const query = byToken('Patient', 'identifier', `apart-${n}`);
      return createUnless(query, 'Patient', `apart-${n}`, [token('identifier', `apart-${n}`)]);
    });
    const ids = await Promise.all(units.map((unit) => fixture.store.commit(unit)));
    expect(new Set(ids).size).toBe(40);
  });

  test('a condition sees what an earlier unit of the same group has created, updated and deleted', async () => {
    const find = (value: string): WriteUnit<number> => ({
      repository,
      conditions: [byToken('Patient', 'identifier', value)],
      apply: ({ matches }) => ({ writes: [], result: matches[0]?.length ?? -1 }),
    });
    const values = (value: string): ParameterValues[] => [token('identifier', value)];
    await fixture.store.commit(put('Patient', 'changing', { values: values('old') }));
    await fixture.store.commit(put('Patient', 'leaving', { values: values('leaving') }));
    const commit = <R>(unit: WriteUnit<R>): Promise<R> => fixture.store.commit(unit);
    const [, created, , before, after, , left] = await Promise.all([
      commit(create('Patient', 'fresh', values('fresh'))),
      commit(find('fresh')),
      commit(put('Patient', 'changing', { values: values('new') })),
      commit(find('old')),
      commit(find('new')),
      commit(remove('Patient', 'leaving')),
      commit(find('leaving')),
    ]);
    expect([created, before, after, left]).toEqual([1, 0, 1, 0]);
  });

  test('a look-up is evaluated inside the transaction, behind the conditions', async () => {
    await fixture.store.commit(create('Practitioner', 'p1', [token('identifier', 'p1')]));
    const unit: WriteUnit<unknown> = {
      repository,
      conditions: [byToken('Practitioner', 'identifier', 'nobody')],
      lookups: [byToken('Practitioner', 'identifier', 'p1')],
      apply: ({ matches }) => ({ writes: [], result: matches }),
    };
    expect(await fixture.store.commit(unit)).toEqual([[], [{ type: 'Practitioner', id: 'p1' }]]);
  });

  test('of 50 updates in parallel that expect the same version one wins', async () => {
    await fixture.store.commit(put('Patient', 'contested'));
    const { fulfilled, reasons } = await outcomes(
      numbers(50).map((n) =>
        (n % 2 === 0 ? fixture : other).store.commit(put('Patient', 'contested', { expected: 1 })),
      ),
    );
    expect(fulfilled).toBe(1);
    expect(new Set(reasons.map(({ message }) => message))).toEqual(new Set(['version is 2']));
  });

  test('50 unconditional updates in parallel make 50 versions, each in the history', async () => {
    const versions = await Promise.all(
      numbers(50).map((n) =>
        (n % 2 === 0 ? fixture : other).store.commit(
          put('Patient', 'popular', { values: [token('identifier', `v${n}`)], content: { n } }),
        ),
      ),
    );
    expect([...versions].sort((a, b) => a - b)).toEqual(numbers(50).map((n) => n + 1));
    const history = await fixture.store.history(repository, 'Patient', 'popular', { count: 100 });
    expect(history.versions.map(({ version }) => version)).toEqual(numbers(50).map((n) => 50 - n));
    const contents = new Set(history.versions.map(({ content }) => content.toString()));
    expect(contents.size).toBe(50);
    const current = JSON.parse(history.versions[0]!.content.toString()) as { n: number };
    for (const n of [0, 1, current.n]) {
      const ids = await found(fixture.store, byToken('Patient', 'identifier', `v${n}`));
      expect(ids).toEqual(n === current.n ? ['popular'] : []);
    }
  });

  test('a resource may be created, deleted and revived within one group', async () => {
    const values = [token('identifier', 'busy')];
    const results = await Promise.all([
      fixture.store.commit(put('Patient', 'busy', { values })),
      fixture.store.commit(remove('Patient', 'busy')),
      fixture.store.commit(put('Patient', 'busy', { values })),
      fixture.store.commit(put('Patient', 'busy', { values })),
    ]);
    expect(results).toEqual([1, 2, 3, 4]);
    const { versions } = await fixture.store.history(repository, 'Patient', 'busy', { count: 10 });
    expect(versions.map(({ version, deleted }) => [version, deleted])).toEqual([
      [4, false],
      [3, false],
      [2, true],
      [1, false],
    ]);
    expect(await found(fixture.store, byToken('Patient', 'identifier', 'busy'))).toEqual(['busy']);
  });

  test('a unit that throws is left out, and its neighbours are stored', async () => {
    const refusing: WriteUnit<never> = {
      repository,
      apply: () => {
        throw new Error('refused');
      },
    };
    const { fulfilled, reasons } = await outcomes([
      fixture.store.commit(create('Patient', 'left')),
      fixture.store.commit(refusing),
      fixture.store.commit({ ...refusing, targets: () => [{ type: 'Patient', id: 'left' }] }),
      fixture.store.commit(create('Patient', 'right')),
    ]);
    expect(fulfilled).toBe(2);
    expect(reasons.map(({ message }) => message)).toEqual(['refused', 'refused']);
    expect(await fixture.store.read(repository, 'Patient', 'left')).toBeDefined();
    expect(await fixture.store.read(repository, 'Patient', 'right')).toBeDefined();
  });

  test('a unit whose statement fails is refused with a conflict, and its neighbours are stored', async () => {
    await fixture.store.commit(create('Patient', 'taken'));
    const both: WriteUnit<void> = {
      repository,
      apply: (context) => ({
        writes: [
          ...create('Patient', 'half').apply(context).writes,
          ...create('Patient', 'taken').apply(context).writes,
        ],
        result: undefined,
      }),
    };
    const { fulfilled, reasons } = await outcomes([
      fixture.store.commit(create('Patient', 'before')),
      fixture.store.commit(both),
      fixture.store.commit(create('Patient', 'after')),
    ]);
    expect(fulfilled).toBe(2);
    expect(reasons).toMatchObject([{ category: 'conflict', code: 'FHIR_STORE_ID_TAKEN' }]);
    expect(await fixture.store.read(repository, 'Patient', 'half')).toBeUndefined();
    expect(await fixture.store.read(repository, 'Patient', 'taken')).toMatchObject({ version: 1 });
    expect(await fixture.store.read(repository, 'Patient', 'after')).toBeDefined();
  });

  test('two creates of one id in the same group: one is stored, the other conflicts', async () => {
    const { fulfilled, reasons } = await outcomes([
      fixture.store.commit(create('Patient', 'twin')),
      fixture.store.commit(create('Patient', 'twin')),
    ]);
    expect(fulfilled).toBe(1);
    expect(reasons).toMatchObject([{ code: 'FHIR_STORE_ID_TAKEN' }]);
  });

  test('updates as create of one new id from two processes make two versions', async () => {
    for (const n of numbers(10)) {
      const versions = await Promise.all(
        [fixture, other].map(({ store }) => store.commit(put('Patient', `either-${n}`))),
      );
      expect([...versions].sort()).toEqual([1, 2]);
    }
  });

  test('a unit of 1,500 resources is stored whole, and found', async () => {
    const unit: WriteUnit<number> = {
      repository,
      apply: (context) => ({
        writes: numbers(1500).flatMap(
          (n) =>
            create('Observation', `bulk-${n}`, [token('code', 'bulk'), token('category', `c${n % 7}`)]).apply(
              context,
            ).writes,
        ),
        result: 1500,
      }),
    };
    expect(await fixture.store.commit(unit)).toBe(1500);
    const query = { ...byToken('Observation', 'code', 'bulk'), count: 0, total: 'accurate' as const };
    expect((await fixture.store.search(query)).total).toBe(1500);
    const updates = await Promise.all(
      numbers(300).map((n) =>
        fixture.store.commit(put('Observation', `bulk-${n}`, { values: [token('code', 'bulk')] })),
      ),
    );
    expect(new Set(updates)).toEqual(new Set([2]));
    expect((await fixture.store.search(query)).total).toBe(1500);
    const category = { ...byToken('Observation', 'category', 'c0'), count: 0, total: 'accurate' as const };
    expect((await fixture.store.search(category)).total).toBe(
      numbers(1500).filter((n) => n >= 300 && n % 7 === 0).length,
    );
  });

  test('processes give different numbers to different resources and the same to equal names', async () => {
    const created = numbers(60).map((n) => {
      const { store } = n % 2 === 0 ? fixture : other;
      const values = [token(`param-${n >> 1}`, 'x', `urn:system:${n >> 1}`)];
      return store.commit(create('Basic', `n${n}`, values));
    });
    await Promise.all(created);
    const rids = await Promise.all(
      numbers(60).map(async (n) => (await fixture.store.read(repository, 'Basic', `n${n}`))?.rid),
    );
    expect(new Set(rids).size).toBe(60);
    for (const n of numbers(30)) {
      const ids = await found(other.store, byToken('Basic', `param-${n}`, 'x', `urn:system:${n}`));
      expect(ids).toEqual([`n${2 * n}`, `n${2 * n + 1}`].sort());
    }
  });

  test('more units than the queue takes are refused with 503, and the others stored', async () => {
    const small = await openStore(await createDatabase(), { queueUnits: 20 });
    const { fulfilled, reasons } = await outcomes(
      numbers(30).map((n) => small.store.commit(create('Patient', `q${n}`))),
    );
    expect(fulfilled).toBe(20);
    expect(reasons[0]).toMatchObject({ category: 'throttled', code: 'FHIR_STORE_BUSY', retryAfter: 1 });
    await small.close();
  });

  test('a drained store has answered what it accepted and takes no more', async () => {
    const closing = await openStore(await createDatabase());
    const accepted = numbers(10).map((n) => closing.store.commit(create('Patient', `d${n}`)));
    await closing.store.drain();
    expect(await outcomes(accepted)).toMatchObject({ fulfilled: 10 });
    await expect(closing.store.commit(create('Patient', 'late'))).rejects.toMatchObject({
      code: 'FHIR_STORE_CLOSING',
    });
    await closing.close();
  });
});
