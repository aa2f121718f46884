import type { AskedUnit } from '../asked-unit.js';
import type { GrantedStore, Passing } from '../passage-stage.js';
import type { RequestScope } from '../../storage/request-scope.js';
import { ReceiptStage } from './receipt.stage.js';

describe('the store within the scope of a request', () => {
  const unit: AskedUnit<string> = { repository: 'r', apply: () => ({ writes: [], result: 'done' }) };
  const seen: AskedUnit<unknown>[] = [];
  const calls: string[] = [];
  const inner = {
    read: () => Promise.resolve(void calls.push('read')),
    search: () => Promise.resolve(void calls.push('search')),
    commit: (one: AskedUnit<unknown>) => Promise.resolve(void seen.push(one)),
  } as unknown as GrantedStore;
  const stage = new ReceiptStage();
  const within = (scope: RequestScope) => {
    const passing = { context: { scope }, granted: inner } as unknown as Passing;
    const commit = (one: AskedUnit<string>) => stage.commit(passing, one, (next) => inner.commit(next));
    return { reader: stage.shown(passing, inner), commit };
  };

  beforeEach(() => {
    seen.length = 0;
    calls.length = 0;
  });

  it('begins nothing after the deadline', async () => {
    const { reader, commit } = within({ deadline: Date.now() - 1 });
    const refusal = { code: 'FHIR_REQUEST_TIMEOUT', status: 503, retryAfter: 5 };
    const works: (() => Promise<unknown>)[] = [
      () => reader.read('r', 'Patient', '1'),
      () => reader.search({ repository: 'r', types: [], filter: [], sort: [], count: 1, total: 'none' }),
      () => commit(unit),
    ];
    for (const work of works) {
      await expect(work()).rejects.toMatchObject(refusal);
    }
    expect([...calls, ...seen]).toEqual([]);
  });

  it('hands the deadline over to the queue', async () => {
    const deadline = Date.now() + 60_000;
    await within({ deadline }).commit(unit);
    expect(seen[0]?.deadline).toBe(deadline);
  });

  it('reads in time', async () => {
    await within({ deadline: Date.now() + 60_000 }).reader.read('r', 'Patient', '1');
    expect(calls).toEqual(['read']);
  });
});
