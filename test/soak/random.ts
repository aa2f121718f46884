import { randomInt } from 'node:crypto';

/** Numbers that a seed determines, so that what failed can be run again (as far as timing lets it). */
export class Random {
  private state: number;

  constructor(readonly seed: number) {
    this.state = seed;
  }

  /** From 0 to below 1 (mulberry32). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `low` to below `high`. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low));
  }

  shuffled<T>(items: readonly T[]): T[] {
    const list = [...items];
    for (let at = list.length - 1; at > 0; at--) {
      const other = this.between(0, at + 1);
      [list[at], list[other]] = [list[other] as T, list[at] as T];
    }
    return list;
  }

  /** Independent numbers for a part of the test, so that the parts don't depend on each other's timing. */
  fork(part: number): Random {
    return new Random((this.seed ^ Math.imul(part + 1, 0x9e3779b1)) >>> 0);
  }
}

/** Runs a test with a seed, `FIREKEEP_TEST_SEED` or one by chance, and names the seed where the test fails. */
export async function seeded(test: (random: Random) => Promise<void>): Promise<void> {
  const chosen = process.env.FIREKEEP_TEST_SEED;
  const seed = chosen === undefined ? randomInt(2 ** 31) : Number(chosen);
  try {
    await test(new Random(seed));
  } catch (error) {
    const failure = error as Error;
    failure.message += `\n\nSeed of this run: FIREKEEP_TEST_SEED=${seed}`;
    if (failure.stack !== undefined) failure.stack += `\nSeed of this run: FIREKEEP_TEST_SEED=${seed}`;
    throw failure;
  }
}
