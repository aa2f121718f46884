import { setImmediate } from 'node:timers/promises';
import { inSlices, SliceSize } from './slices.js';

describe('work in slices', () => {
  const work = (items: number) => {
    const slices: number[] = [];
    const slice = (limit: number): Promise<number> => {
      const count = Math.min(limit, items);
      items -= count;
      slices.push(count);
      return Promise.resolve(count);
    };
    return { slices, slice };
  };

  it('goes on until nothing is left, however much there is', async () => {
    const { slice, slices } = work(5_000);
    await expect(inSlices(slice)).resolves.toBe(5_000);
    expect(slices[0]).toBe(16);
    expect(slices.at(-1)).toBe(0);
    expect(Math.max(...slices)).toBeLessThanOrEqual(512);
  });

  it('lets everything else have its turn behind each slice', async () => {
    const { slice, slices } = work(2_000);
    let turns = 0;
    let isDone = false;
    const others = (async () => {
      for (; !isDone; turns += 1) await setImmediate();
    })();
    await inSlices(slice);
    isDone = true;
    await others;
    expect(turns).toBeGreaterThanOrEqual(slices.length - 1);
  });

  it('ends between two slices when it is told to', async () => {
    const { slice, slices } = work(5_000);
    await inSlices(slice, () => slices.length === 3);
    expect(slices).toHaveLength(3);
  });

  it('stops at a failure', async () => {
    await expect(inSlices(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
  });
});

describe('the size of a slice', () => {
  const bounds = { least: 4, most: 64 };

  it('doubles while slices are quick and full, up to its bound', () => {
    const size = new SliceSize(bounds);
    const sizes = Array.from({ length: 6 }, () => {
      size.took(1, size.limit);
      return size.limit;
    });
    expect(sizes).toEqual([8, 16, 32, 64, 64, 64]);
  });

  it('is halved where one took long, down to what costs nothing', () => {
    const size = new SliceSize(bounds);
    for (let time = 0; time < 3; time += 1) size.took(1, size.limit);
    const sizes = Array.from({ length: 4 }, () => {
      size.took(200, size.limit);
      return size.limit;
    });
    expect(sizes).toEqual([16, 8, 4, 4]);
  });

  it('stays where a quick slice was not full, and where one took what it should', () => {
    const size = new SliceSize(bounds);
    size.took(1, 3);
    size.took(15, 4);
    expect(size.limit).toBe(4);
  });
});
