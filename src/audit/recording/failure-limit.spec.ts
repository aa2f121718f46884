import { FailureLimit } from './failure-limit.js';

describe('the limit of recorded failures', () => {
  it('records a hundred in a row, then ten a minute, and counts the others', () => {
    const limit = new FailureLimit(0);
    const admitted = (count: number, now: number): number =>
      Array.from({ length: count }, () => limit.admits(now)).filter(Boolean).length;
    expect(admitted(150, 0)).toBe(100);
    expect(limit.takeCounted()).toBe(50);
    expect(limit.takeCounted()).toBe(0);
    expect(admitted(50, 60_000)).toBe(10);
    expect(limit.takeCounted()).toBe(40);
    expect(admitted(1_000, 100 * 60_000)).toBe(100);
  });
});
