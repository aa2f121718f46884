import type { WriteUnit } from '../ports.js';
import { deferred, failed, type UnitOutcome } from './unit-outcome.js';
import { WriteQueue, writeQueueDefaults, type CommitGroup } from './write-queue.js';

type NamedUnit = WriteUnit<string> & { readonly name: string };
const unit = (name: string, bytes?: number): NamedUnit => ({
  name,
  repository: 'r',
  apply: () => ({ writes: [], result: name }),
  ...(bytes === undefined ? {} : { bytes }),
});

/** Groups as they were handed over, each open until the test answers it. */
class Groups {
  readonly names: string[][] = [];
  private readonly open: { units: readonly NamedUnit[]; resolve: (outcomes: UnitOutcome[]) => void }[] = [];

  readonly commit: CommitGroup = (units) => {
    const named = units as readonly NamedUnit[];
    this.names.push(named.map(({ name }) => name));
    return new Promise((resolve) => this.open.push({ units: named, resolve }));
  };

  answer(outcomeOf: (name: string) => UnitOutcome = (name) => ({ kind: 'done', result: name })): void {
    const group = this.open.shift();
    group?.resolve(group.units.map(({ name }) => outcomeOf(name)));
  }
}

/** Rounds of the event loop, in which what is scheduled comes about however slow the machine is. */
const turn = async (): Promise<void> => {
  for (let round = 0; round < 5; round += 1) await new Promise((resolve) => setImmediate(resolve));
};
const queueOf = (groups: Groups, more: object = {}) =>
  new WriteQueue(groups.commit, { ...writeQueueDefaults, writers: 1, ...more });

test('what arrives while a group is under way goes together in the next one', async () => {
  const groups = new Groups();
  const queue = queueOf(groups);
  const answers = [queue.add(unit('a')), queue.add(unit('b'))];
  await turn();
  answers.push(queue.add(unit('c')), queue.add(unit('d')));
  await turn();
  expect(groups.names).toEqual([['a', 'b']]);
  groups.answer();
  await turn();
  expect(groups.names).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
  groups.answer();
  expect(await Promise.all(answers)).toEqual(['a', 'b', 'c', 'd']);
});

test('two writers have a group each; a third group waits', async () => {
  const groups = new Groups();
  const queue = queueOf(groups, { writers: 2, groupUnits: 1 });
  void ['a', 'b', 'c'].map((name) => queue.add(unit(name)));
  await turn();
  expect(groups.names).toEqual([['a'], ['b']]);
  groups.answer();
  await turn();
  expect(groups.names).toEqual([['a'], ['b'], ['c']]);
});

test('a group ends at its bytes; a unit larger than that goes alone', async () => {
  const groups = new Groups();
  const queue = queueOf(groups, { groupBytes: 100 });
  void [unit('a', 60), unit('b', 60), unit('c', 500), unit('d', 1)].map((one) => queue.add(one));
  for (let n = 0; n < 4; n++) {
    await turn();
    groups.answer();
  }
  expect(groups.names).toEqual([['a'], ['b'], ['c'], ['d']]);
});

test('a deferred unit is the first of the next group', async () => {
  const groups = new Groups();
  const queue = queueOf(groups);
  const answers = [queue.add(unit('a')), queue.add(unit('b'))];
  await turn();
  answers.push(queue.add(unit('c')));
  groups.answer((name) => (name === 'b' ? deferred : { kind: 'done', result: name }));
  await turn();
  groups.answer();
  expect(await Promise.all(answers)).toEqual(['a', 'b', 'c']);
  expect(groups.names).toEqual([
    ['a', 'b'],
    ['b', 'c'],
  ]);
});

test('each unit gets its own answer, and a group that breaks answers all of its units', async () => {
  const groups = new Groups();
  const queue = queueOf(groups);
  const good = queue.add(unit('good'));
  const bad = queue.add(unit('bad'));
  await turn();
  groups.answer((name) => (name === 'bad' ? failed(new Error('no')) : { kind: 'done', result: name }));
  await expect(bad).rejects.toThrow('no');
  expect(await good).toBe('good');
  const broken = new WriteQueue(() => Promise.reject(new Error('broken')), {
    ...writeQueueDefaults,
    writers: 1,
  });
  await expect(broken.add(unit('x'))).rejects.toThrow('broken');
  await expect(broken.add(unit('y'))).rejects.toThrow('broken');
});

test('units and bytes beyond the bounds are refused; one large unit alone is not', async () => {
  const groups = new Groups();
  const queue = queueOf(groups, { queueUnits: 2, queueBytes: 100 });
  const large = queue.add(unit('large', 1000));
  await expect(queue.add(unit('next', 1))).rejects.toMatchObject({ code: 'FHIR_STORE_BUSY', retryAfter: 1 });
  await turn();
  groups.answer();
  await large;
  void Promise.all([queue.add(unit('a', 1)), queue.add(unit('b', 1))]);
  await expect(queue.add(unit('c', 1))).rejects.toMatchObject({ category: 'throttled' });
});

test('draining waits for what was accepted and refuses the rest', async () => {
  const groups = new Groups();
  const queue = queueOf(groups);
  const answer = queue.add(unit('a'));
  let drained = false;
  const draining = queue.drain().then(() => (drained = true));
  await expect(queue.add(unit('late'))).rejects.toMatchObject({ code: 'FHIR_STORE_CLOSING' });
  await turn();
  expect(drained).toBe(false);
  groups.answer();
  await draining;
  expect(await answer).toBe('a');
});

test('what has waited beyond its deadline, or beyond all patience, is refused and never written', async () => {
  const groups = new Groups();
  const queue = queueOf(groups, { patience: 30 });
  const first = queue.add(unit('a'));
  await turn();
  const late = queue.add({ ...unit('b'), deadline: Date.now() + 1 });
  const impatient = queue.add(unit('c'));
  const patient = queue.add({ ...unit('d'), deadline: Date.now() + 60_000 });
  const refused = Promise.allSettled([late, impatient]);
  await new Promise((resolve) => setTimeout(resolve, 60));
  groups.answer();
  await turn();
  groups.answer();
  expect(await Promise.all([first, patient])).toEqual(['a', 'd']);
  expect(groups.names).toEqual([['a'], ['d']]);
  for (const result of await refused) {
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'FHIR_REQUEST_TIMEOUT' } });
  }
});
