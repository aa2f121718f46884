import type { Settings } from '../../platform/config/index.js';
import type { Logger } from '../../platform/logging/index.js';
import type { RefusalStore } from './refusal-store.js';
import type { Refusal, RefusalFacts } from './refusal.js';
import { RefusalsService } from './refusals.service.js';

const facts: RefusalFacts = {
  ...{ check: 'audience', trail: [], expected: 'e', actual: 'a', remedy: 'r', setting: 's' },
  ...{ status: 'unauthenticated', endpoint: 'http://localhost/fhir/r4', mode: 'bearer', method: 'GET' },
  ...{ path: '/fhir/r4/Patient', subject: 'alice', clientId: 'app', address: '192.0.2.1', token: null },
};

describe('the memory of refusals', () => {
  let saved: Refusal[][];
  let save: (batch: readonly Refusal[]) => Promise<void>;
  let warnings: string[];
  let service: RefusalsService;

  beforeEach(() => {
    jest.useFakeTimers();
    saved = [];
    warnings = [];
    save = (batch) => {
      saved.push([...batch]);
      return Promise.resolve();
    };
    const store = {
      save: (batch: readonly Refusal[]) => save(batch),
      find: () => Promise.resolve(undefined),
      list: () => Promise.resolve([]),
    };
    service = new RefusalsService(
      store as unknown as RefusalStore,
      {} as Settings,
      { info: () => undefined, warn: (text: string) => warnings.push(text) } as unknown as Logger,
    );
  });
  afterEach(() => jest.useRealTimers());

  it('gives equal refusals one reference within a minute, and a new one afterwards', () => {
    const first = service.record(facts);
    expect(service.record({ ...facts })).toBe(first);
    jest.advanceTimersByTime(60_000);
    expect(service.record(facts)).not.toBe(first);
  });

  it.each<Partial<RefusalFacts>>([
    { check: 'same-user' },
    { endpoint: 'http://localhost/other' },
    { method: 'POST' },
    { path: '/fhir/r4/Observation' },
    { subject: 'bob' },
    { clientId: null },
    { address: '192.0.2.2' },
    { actual: 'b' },
  ])('tells apart what differs in %j', (difference) => {
    expect(service.record({ ...facts, ...difference })).not.toBe(service.record(facts));
  });

  it('gives references that nobody guesses', () => {
    const references = Array.from({ length: 150 }, (_, index) =>
      service.record({ ...facts, actual: `${index}` }),
    );
    expect(new Set(references).size).toBe(150);
    for (const reference of references) expect(reference).toMatch(/^[a-kmnp-z2-9]{16}$/);
  });

  it('keeps what one address sends beyond its share as one a check and subject', () => {
    for (let index = 0; index < 200; index++) service.record({ ...facts, path: `/${index}` });
    const rest = service.record({ ...facts, path: '/200' });
    expect(service.record({ ...facts, path: '/201', method: 'PUT', actual: 'c' })).toBe(rest);
    expect(service.record({ ...facts, path: '/202', subject: 'bob' })).not.toBe(rest);
    expect(service.record({ ...facts, path: '/203', address: '192.0.2.9' })).not.toBe(rest);
    expect(service.record({ ...facts, path: '/7' })).not.toBe(rest);
  });

  it('can still be read while it is being stored, and when counted meanwhile is stored again', async () => {
    const reference = service.record(facts);
    let finish = (): void => undefined;
    save = async (batch) => {
      saved.push([...batch]);
      await new Promise<void>((resolve) => (finish = resolve));
    };
    const listing = service.list();
    await Promise.resolve();
    expect(await service.find(reference)).toMatchObject({ times: 1 });
    service.record(facts);
    finish();
    await listing;
    expect(await service.find(reference)).toMatchObject({ times: 2 });
    save = (batch) => Promise.resolve(void saved.push([...batch]));
    await service.list();
    expect(saved.map((batch) => batch.map(({ times }) => times))).toEqual([[1], [2]]);
    expect(await service.find(reference)).toBeUndefined();
  });

  it('waits for a database that is away, and says so once', async () => {
    const reference = service.record(facts);
    save = () => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    for (let time = 0; time < 3; time++) await service.list();
    expect(warnings).toEqual(['refusals wait for the database']);
    expect(await service.find(reference)).toMatchObject({ reference });
  });

  it('is not held up by one that can never be stored', async () => {
    service.record(facts);
    save = () => Promise.reject(new Error('data too long'));
    await service.list();
    save = (batch) => Promise.resolve(void saved.push([...batch]));
    const next = service.record({ ...facts, path: '/next' });
    await service.list();
    expect(saved.map((batch) => batch.map(({ reference }) => reference))).toEqual([[next]]);
    expect(warnings).toEqual(['refusals could not be stored']);
  });
});
