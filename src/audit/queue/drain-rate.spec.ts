import { DrainRate } from './drain-rate.js';

describe('how many events may wait', () => {
  it('follows what the database takes in a third of a second', () => {
    const rate = new DrainRate(10_000);
    for (let n = 0; n < 50; n += 1) rate.stored(200, 20);
    expect(rate.limit).toBe(3_000);
    for (let n = 0; n < 50; n += 1) rate.stored(200, 100);
    expect(rate.limit).toBe(600);
  });

  it('has a least and a most', () => {
    const rate = new DrainRate(10_000);
    for (let n = 0; n < 50; n += 1) rate.stored(200, 5_000);
    expect(rate.limit).toBe(400);
    for (let n = 0; n < 50; n += 1) rate.stored(200, 0);
    expect(rate.limit).toBe(10_000);
  });
});
