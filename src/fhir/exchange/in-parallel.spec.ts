import { Places } from './in-parallel.js';

describe('places', () => {
  it('are taken by as many as there are, and by the others in their order', async () => {
    const places = new Places(2);
    const seen: string[] = [];
    const ends: (() => void)[] = [];
    const work = (name: string) =>
      places.take(async () => {
        seen.push(name);
        await new Promise<void>((resolve) => ends.push(resolve));
      });
    const all = ['a', 'b', 'c', 'd'].map(work);
    expect(seen).toEqual(['a', 'b']);
    ends.shift()?.();
    await all[0];
    expect(seen).toEqual(['a', 'b', 'c']);
    while (ends.length > 0) {
      ends.shift()?.();
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    await Promise.all(all);
    expect(seen).toEqual(['a', 'b', 'c', 'd']);
  });

  it('are given back by what fails', async () => {
    const places = new Places(1);
    await expect(places.take(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await places.take(() => Promise.resolve('next'))).toBe('next');
  });
});
