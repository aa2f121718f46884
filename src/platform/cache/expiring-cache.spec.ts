import { ExpiringCache } from './expiring-cache.js';

describe('ExpiringCache', () => {
  test('an entry lives for its lifetime', () => {
    let now = 0;
    const cache = new ExpiringCache<string, number>({ capacity: 2, lifetime: 100, now: () => now });
    cache.set('a', 1);
    now = 99;
    expect(cache.get('a')).toBe(1);
    now = 100;
    expect(cache.get('a')).toBeUndefined();
    expect(cache.size).toBe(0);
  });

  test('one goes even where all are asked for', () => {
    const cache = new ExpiringCache<string, number>({ capacity: 2, lifetime: 100 });
    cache.set('a', 1);
    cache.set('b', 2);
    cache.get('a');
    cache.get('b');
    cache.set('c', 3);
    expect(cache.size).toBe(2);
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([undefined, 2, 3]);
  });

  test('what is not asked for goes first', () => {
    const cache = new ExpiringCache<string, number>({ capacity: 2, lifetime: 100 });
    cache.set('a', 1);
    cache.set('b', 2);
    cache.get('a');
    cache.set('c', 3);
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([1, undefined, 3]);
  });

  test('callers at the same time share one load, and what is absent is asked for again', async () => {
    const cache = new ExpiringCache<string, number>({ capacity: 2, lifetime: 100 });
    let loads = 0;
    const load = (): Promise<number | undefined> => Promise.resolve(++loads === 1 ? undefined : loads);
    expect(await Promise.all([cache.load('a', load), cache.load('a', load)])).toEqual([undefined, undefined]);
    expect(await cache.load('a', load)).toBe(2);
    expect(await cache.load('a', load)).toBe(2);
  });

  test('a load that began before a change does not bring the old value back', async () => {
    const cache = new ExpiringCache<string, string>({ capacity: 2, lifetime: 100 });
    let finish = (_value: string): void => undefined;
    const loading = cache.load('a', () => new Promise((resolve) => (finish = resolve)));
    cache.delete('a');
    finish('old');
    expect(await loading).toBe('old');
    expect(cache.get('a')).toBeUndefined();
  });

  test('a load that fails is tried again', async () => {
    const cache = new ExpiringCache<string, number>({ capacity: 2, lifetime: 100 });
    await expect(cache.load('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await cache.load('a', () => Promise.resolve(1))).toBe(1);
  });
});
