import type { LocalReference, WriteUnit } from '../../../src/fhir/storage/ports.js';
import { otherReferenceValues } from '../../../src/fhir/search/extraction/index.js';
import { loadDefinitions } from '../../../src/fhir/definitions/index.js';
import { referrersOf } from '../../../src/fhir/storage/referrers.js';
import { databases } from '../../kit/databases.js';
import { openStore, put, remove, type StoreFixture } from '../../kit/fhir-store.js';

describe.each(databases)('integrity of references between processes on $name', ({ create }) => {
  let fixture: StoreFixture;
  let other: StoreFixture;
  beforeAll(async () => {
    fixture = await openStore(await create(), { referrersOf });
    other = await fixture.second();
  });
  afterAll(async () => {
    await other.close();
    await fixture.close();
  });

  /** Writes a Basic that refers to a Patient. */
  const referring = (id: string, patient: string): WriteUnit<number> => {
    const target: LocalReference = { type: 'Patient', id: patient, place: () => 'Basic.subject' };
    const values = otherReferenceValues('Basic', [target], [], loadDefinitions());
    const unit = put('Basic', id, values === undefined ? {} : { values: [values] });
    return {
      ...unit,
      apply: (context) => {
        const { writes, result } = unit.apply(context);
        return { writes: writes.map((write) => ({ ...write, references: [target] })), result };
      },
    };
  };
  const isThere = async (type: string, id: string): Promise<boolean> => {
    const stored = await fixture.store.read('default', type, id);
    return stored !== undefined && !stored.deleted;
  };

  test('a deletion in one and a reference in the other: one of them is refused, whichever comes first', async () => {
    const rounds = Array.from({ length: 25 }, (_, round) => `race-${round}`);
    for (const id of rounds) await fixture.store.commit(put('Patient', id));
    const outcomes = await Promise.all(
      rounds.map((id, n) => {
        const [first, second] = n % 2 === 0 ? [fixture, other] : [other, fixture];
        return Promise.allSettled([
          first.store.commit(remove('Patient', id)),
          second.store.commit(referring(id, id)),
        ]);
      }),
    );
    for (const [n, [deletion, reference]] of outcomes.entries()) {
      const id = rounds[n] ?? '';
      expect([deletion.status, reference.status].sort()).toEqual(['fulfilled', 'rejected']);
      const refusal = deletion.status === 'rejected' ? 'FHIR_REFERENCED_RESOURCE' : 'FHIR_DANGLING_REFERENCE';
      expect([deletion, reference]).toContainEqual({
        status: 'rejected',
        reason: expect.objectContaining({ code: refusal }) as unknown,
      });
      expect(await isThere('Basic', id)).toBe(reference.status === 'fulfilled');
      expect(await isThere('Patient', id)).toBe(deletion.status === 'rejected');
    }
  });

  test('a unit that is refused leaves its neighbours in the group alone', async () => {
    await fixture.store.commit(put('Patient', 'group'));
    const results = await Promise.allSettled([
      fixture.store.commit(referring('group-1', 'nobody')),
      fixture.store.commit(put('Patient', 'new')),
      fixture.store.commit(referring('group-2', 'new')),
      fixture.store.commit(remove('Patient', 'new')),
      fixture.store.commit(remove('Patient', 'group')),
      fixture.store.commit(referring('group-3', 'group')),
    ]);
    expect(results.map(({ status }) => status)).toEqual([
      'rejected',
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
    ]);
    expect(await isThere('Basic', 'group-1')).toBe(false);
    expect(await isThere('Patient', 'new')).toBe(true);
  });
});
