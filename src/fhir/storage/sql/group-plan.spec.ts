import type { PlannedWrite, StoredResource, WriteUnit } from '../ports.js';
import type { BodySize } from './body-size.js';
import { GroupPlan } from './group-plan.js';
import type { SqlInternedNames } from './interned-names.js';
import { NameResolver } from './name-resolver.js';

const repository = 'default';
const names = (): NameResolver =>
  new NameResolver(
    {
      knownRepository: () => 1,
      knownType: () => 2,
      knownParameter: () => 3,
      knownSystem: () => 4,
    } as unknown as SqlInternedNames,
    new Map(),
  );

interface Terms {
  readonly rids: number[];
  readonly time: number;
  readonly longest: number;
  readonly indexRows: number;
}
function planOf(stored: readonly StoredResource[] = [], terms: Partial<Terms> = {}): GroupPlan {
  const { rids = [101, 102, 103, 104], time = 1_000, longest = 100, indexRows = 3 } = terms;
  const check = ({ length }: Buffer): void => {
    if (length > longest) throw new Error('too large');
  };
  return new GroupPlan(
    new Map(stored.map((row) => [GroupPlan.keyOf(repository, row.type, row.id), row])),
    names(),
    {
      rids: { take: () => rids.shift() },
      bodySize: { check } as unknown as BodySize,
      indexRows,
      time,
    },
  );
}

const row = (id: string, version: number, more: Partial<StoredResource> = {}): StoredResource => ({
  ...{ type: 'Patient', id, rid: 7, version, lastUpdated: 500, deleted: false, content: Buffer.from('{}') },
  ...more,
});
const codes = (count: number) => [
  {
    code: 'identifier',
    values: Array.from({ length: count }, (_, n) => ({
      ...({ type: 'token', system: null, text: null, caseSensitive: true } as const),
      code: String(n),
    })),
  },
];
const write = (
  kind: 'create' | 'update',
  id: string,
  version: number,
  more: { content?: string; rows?: number; lastUpdated?: number } = {},
): PlannedWrite => ({
  ...({ kind, type: 'Patient', id, version, method: 'PUT' } as const),
  lastUpdated: more.lastUpdated ?? 1_000,
  content: Buffer.from(more.content ?? '{}'),
  values: codes(more.rows ?? 0),
});
const deletion = (id: string, version: number): PlannedWrite => ({
  ...({ kind: 'delete', type: 'Patient', id, version, lastUpdated: 1_000 } as const),
});
const index = (id: string, rows: number): PlannedWrite => ({
  ...({ kind: 'index', type: 'Patient', id, values: codes(rows) } as const),
});
const unit = (...writes: readonly PlannedWrite[]): WriteUnit<string> => ({
  repository,
  apply: () => ({ writes, result: 'done' }),
});
const identities = (plan: GroupPlan): string[] => plan.changes.map(({ identity }) => identity.id);

describe('a unit', () => {
  it('enters the plan whole', () => {
    const plan = planOf([row('b', 4)]);
    const { result, writes } = plan.apply(unit(write('create', 'a', 1), write('update', 'b', 5)), [], []);
    expect([result, writes.length, plan.size, identities(plan)]).toEqual(['done', 2, 2, ['a', 'b']]);
    expect(plan.changes.map(({ before, after }) => [before?.version, after.version, after.rid])).toEqual([
      [undefined, 1, 101],
      [4, 5, 7],
    ]);
  });

  it.each<[string, PlannedWrite, string]>([
    ['has more values than may be', write('create', 'b', 1, { rows: 4 }), 'FHIR_STORE_TOO_MANY_INDEX_ROWS'],
    ['is too large', write('create', 'b', 1, { content: 'x'.repeat(101) }), 'too large'],
    ['is there already', write('create', 'stored', 3), 'FHIR_STORE_ID_TAKEN'],
    ['leaves a version out', write('update', 'stored', 4), 'FHIR_STORE_WRONG_PLAN'],
    ['makes a version again', write('update', 'stored', 2), 'FHIR_STORE_WRONG_PLAN'],
    ['begins behind the first version', write('create', 'b', 2), 'FHIR_STORE_WRONG_PLAN'],
    [
      'is older than what is stored',
      write('update', 'stored', 3, { lastUpdated: 499 }),
      'FHIR_STORE_WRONG_PLAN',
    ],
    ['is deleted and was never there', deletion('b', 1), 'FHIR_STORE_WRONG_PLAN'],
    ['is deleted again', deletion('gone', 4), 'FHIR_STORE_WRONG_PLAN'],
    ['is indexed and not there', index('b', 1), 'FHIR_STORE_WRONG_PLAN'],
    ['is indexed and deleted', index('gone', 1), 'FHIR_STORE_WRONG_PLAN'],
    ['is indexed with more values than may be', index('stored', 4), 'FHIR_STORE_TOO_MANY_INDEX_ROWS'],
  ])('of which one resource %s leaves nothing in the plan', (_, refused, code) => {
    const plan = planOf([row('stored', 2), row('gone', 3, { deleted: true })]);
    plan.apply(unit(write('create', 'neighbour', 1)), [], []);
    const first = write('create', 'first', 1);
    const attempt = (): unknown => plan.apply(unit(first, index('stored', 1), refused), [], []);
    expect(attempt).toThrow(expect.objectContaining(code === 'too large' ? { message: code } : { code }));
    expect([plan.size, identities(plan), [...plan.indexChanges]]).toEqual([1, ['neighbour'], []]);
    plan.apply(unit(first), [], []);
    expect(identities(plan)).toEqual(['neighbour', 'first']);
  });

  it('that throws leaves nothing in the plan', () => {
    const plan = planOf();
    const refusing: WriteUnit<string> = {
      repository,
      apply: () => {
        throw new Error('refused');
      },
    };
    expect(() => plan.apply(refusing, [], [])).toThrow('refused');
    expect(plan.changes).toEqual([]);
  });

  it('may have as many values, and as large a body, as the bounds say', () => {
    const plan = planOf();
    plan.apply(unit(write('create', 'a', 1, { rows: 3, content: 'x'.repeat(100) })), [], []);
    expect(identities(plan)).toEqual(['a']);
  });

  it('may write at the very time of what is stored', () => {
    const plan = planOf([row('a', 2)]);
    plan.apply(unit(write('update', 'a', 3, { lastUpdated: 500 })), [], []);
    expect(identities(plan)).toEqual(['a']);
  });
});

describe('a later unit', () => {
  it('sees what an earlier one made, and its versions follow', () => {
    const plan = planOf([row('a', 2)]);
    plan.apply(unit(write('update', 'a', 3, { content: '{"n":3}' })), [], []);
    let seen: StoredResource | undefined;
    const second: WriteUnit<string> = {
      repository,
      apply: ({ current }) => {
        seen = current('Patient', 'a');
        return { writes: [write('update', 'a', 4)], result: 'second' };
      },
    };
    plan.apply(second, [], []);
    expect(seen).toMatchObject({ version: 3, rid: 7, deleted: false, content: Buffer.from('{"n":3}') });
    const [change] = plan.changes;
    expect([plan.size, change?.before?.version, change?.after.version]).toEqual([1, 2, 4]);
    expect(change?.superseded.map(({ version }) => version)).toEqual([3]);
  });

  it('keeps every version of a resource that is made and replaced three times, the oldest first', () => {
    const plan = planOf();
    plan.apply(unit(write('create', 'a', 1), write('update', 'a', 2)), [], []);
    plan.apply(unit(write('update', 'a', 3)), [], []);
    const [change] = plan.changes;
    expect([change?.before, change?.after.version, change?.after.rid]).toEqual([undefined, 3, 101]);
    expect(change?.superseded.map(({ version }) => version)).toEqual([1, 2]);
    expect(plan.newRids).toBe(1);
  });

  it('sees a deletion, and may create anew behind it', () => {
    const plan = planOf([row('a', 2)]);
    plan.apply(unit(deletion('a', 3)), [], []);
    expect(plan.changes[0]).toMatchObject({ index: undefined, after: { version: 3, method: 'DELETE' } });
    expect(plan.changes[0]?.after.content).toHaveLength(0);
    expect(() => plan.apply(unit(deletion('a', 4)), [], [])).toThrow(
      expect.objectContaining({ code: 'FHIR_STORE_WRONG_PLAN' }),
    );
    plan.apply(unit(write('create', 'a', 4)), [], []);
    expect(plan.changes[0]?.superseded.map(({ method }) => method)).toEqual(['DELETE']);
  });

  it('of another repository does not see it', () => {
    const plan = planOf([row('a', 2)]);
    let seen: unknown = 'not asked';
    plan.apply(
      {
        repository: 'other',
        apply: ({ current }) => {
          seen = current('Patient', 'a');
          return { writes: [], result: '' };
        },
      },
      [],
      [],
    );
    expect(seen).toBeUndefined();
  });
});

describe('the time of a unit', () => {
  const timeOf = (plan: GroupPlan, targets: readonly { type: string; id: string }[]): number => {
    let time = 0;
    plan.apply(
      {
        repository,
        apply: ({ now }) => {
          time = now;
          return { writes: [], result: '' };
        },
      },
      [],
      targets,
    );
    return time;
  };

  it('is later than that of all its targets, and not earlier than the clock', () => {
    const plan = planOf([row('old', 1), row('new', 1, { lastUpdated: 5_000 })]);
    expect(timeOf(plan, [])).toBe(1_000);
    expect(timeOf(plan, [{ type: 'Patient', id: 'old' }])).toBe(1_000);
    expect(
      timeOf(
        plan,
        ['old', 'new', 'none'].map((id) => ({ type: 'Patient', id })),
      ),
    ).toBe(5_001);
    plan.apply(unit(write('update', 'new', 2, { lastUpdated: 6_000 })), [], []);
    expect(timeOf(plan, [{ type: 'Patient', id: 'new' }])).toBe(6_001);
  });
});

describe('numbers of new resources', () => {
  it('are counted where there are none left, and known ones are kept', () => {
    const plan = planOf([row('a', 2)], { rids: [101] });
    plan.apply(unit(write('update', 'a', 3), write('create', 'b', 1)), [], []);
    expect([plan.newRids, plan.ranOutOfRids]).toEqual([1, false]);
    plan.apply(unit(write('create', 'c', 1)), [], []);
    expect([plan.newRids, plan.ranOutOfRids]).toEqual([2, true]);
    expect(plan.changes.map(({ after }) => after.rid)).toEqual([7, 101, 0]);
  });
});

describe('the index of what is not changed', () => {
  it('is written by number, and not where the resource is changed as well', () => {
    const plan = planOf([row('a', 2), row('b', 2, { rid: 8 })]);
    plan.apply(unit(index('a', 1), index('b', 2)), [], []);
    expect([...plan.indexChanges.keys()]).toEqual([7, 8]);
    expect(plan.changes).toEqual([]);
    plan.apply(unit(write('update', 'a', 3)), [], []);
    expect([...plan.indexChanges.keys()]).toEqual([8]);
  });
});
