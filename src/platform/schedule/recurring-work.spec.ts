import { setTimeout as sleep } from 'node:timers/promises';
import { RecurringWork } from './recurring-work.js';

function held() {
  const gates: (() => void)[] = [];
  const round = () => new Promise<void>((resolve) => gates.push(resolve));
  return { gates, round };
}

describe('work that recurs', () => {
  it('does one round at a time and leaves rounds out while one takes long', async () => {
    const { gates, round } = held();
    const work = new RecurringWork(1, round, () => undefined);
    work.start();
    await sleep(30);
    expect(gates).toHaveLength(1);
    gates[0]?.();
    await sleep(30);
    expect(gates).toHaveLength(2);
    gates[1]?.();
    await work.stop();
  });

  it('reports a failed round and goes on', async () => {
    const failures: unknown[] = [];
    let rounds = 0;
    const work = new RecurringWork(
      1,
      () => (++rounds === 1 ? Promise.reject(new Error('away')) : Promise.resolve()),
      (error) => failures.push(error),
    );
    work.start();
    await sleep(40);
    await work.stop();
    expect(failures).toEqual([new Error('away')]);
    expect(rounds).toBeGreaterThan(1);
  });

  it('gives a failure to whoever asked for the round', async () => {
    const failures: unknown[] = [];
    const work = new RecurringWork(
      60_000,
      () => Promise.reject(new Error('away')),
      (e) => failures.push(e),
    );
    await expect(work.now()).rejects.toThrow('away');
    expect(failures).toEqual([]);
  });

  it('begins a round that was asked for only when the one before has ended', async () => {
    const { gates, round } = held();
    const work = new RecurringWork(60_000, round, () => undefined);
    const rounds = [work.now(), work.now()];
    await sleep(5);
    expect(gates).toHaveLength(1);
    gates[0]?.();
    await rounds[0];
    await sleep(5);
    expect(gates).toHaveLength(2);
    gates[1]?.();
    await rounds[1];
  });

  it('waits at the stop for the round under way and begins none afterwards', async () => {
    const { gates, round } = held();
    const work = new RecurringWork(1, round, () => undefined);
    work.start();
    await sleep(20);
    let stopped = false;
    const stop = work.stop().then(() => (stopped = true));
    await sleep(20);
    expect([stopped, work.isStopped, gates.length]).toEqual([false, true, 1]);
    gates[0]?.();
    await stop;
    work.start();
    await sleep(20);
    expect(gates).toHaveLength(1);
  });
});
