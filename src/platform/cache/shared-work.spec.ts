import { SharedWork } from './shared-work.js';

test('work is done once for all who ask while it is under way, and again afterwards', async () => {
  const shared = new SharedWork<number>();
  let begun = 0;
  const work = () => Promise.resolve(++begun);
  await expect(Promise.all([shared.once('a', work), shared.once('a', work)])).resolves.toEqual([1, 1]);
  await expect(shared.once('a', work)).resolves.toBe(2);
});

test('each key has its own, and a failure is that of all who asked', async () => {
  const shared = new SharedWork<number>();
  const failing = () => Promise.reject(new Error('away'));
  const outcomes = await Promise.allSettled([
    shared.once('a', failing),
    shared.once('a', () => Promise.resolve(1)),
    shared.once('b', () => Promise.resolve(2)),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  await expect(shared.once('a', () => Promise.resolve(3))).resolves.toBe(3);
});
