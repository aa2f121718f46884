import { setTimeout as sleep } from 'node:timers/promises';

export interface SliceBounds {
  /**
   * Items of the first slice, and of any at the least: so few that they take no time to speak of. Where they take longer,
   * it is not for their number.
   */
  readonly least: number;
  /** Items of a slice at the most: `least` doubled some times, so that few texts of statements come of them. */
  readonly most: number;
}

const ofRows: SliceBounds = { least: 16, most: 512 };
/** Milliseconds that a slice should take. */
const target = 20;

/**
 * How many items the next slice of a long work has: fewer where the one before took longer than it should, more where
 * it was quick. On SQLite a slice is a stretch in which nothing else runs; elsewhere its rows are locked for as long.
 */
export class SliceSize {
  private size: number;

  constructor(private readonly bounds: SliceBounds = ofRows) {
    this.size = bounds.least;
  }

  get limit(): number {
    return this.size;
  }

  /** @param milliseconds that a slice of `items` took */
  took(milliseconds: number, items: number): void {
    const { least, most } = this.bounds;
    if (milliseconds > target) this.size = Math.max(least, this.size / 2);
    // What was not filled says nothing of more than it held.
    else if (milliseconds < target / 2 && items >= this.size) this.size = Math.min(most, this.size * 2);
  }
}

/** Longest pause behind a slice: what keeps others waiting for a lock must not keep the work waiting for ever. */
const longestPause = 1_000;

/**
 * Does a long work a slice at a time, so that it holds nobody up: slices are as short as `SliceSize` says, and after
 * each one the process and the database belong to others for as long as it took.
 *
 * @param slice does at most so many items and says how many; 0: nothing is left, or somebody else is at it
 * @param isStopped looked at between slices
 * @returns how many items were done
 */
export async function inSlices(
  slice: (limit: number) => Promise<number>,
  isStopped: () => boolean = () => false,
): Promise<number> {
  const size = new SliceSize();
  let done = 0;
  while (!isStopped()) {
    const began = performance.now();
    const count = await slice(size.limit);
    if (count === 0) break;
    done += count;
    const took = performance.now() - began;
    size.took(took, count);
    await sleep(Math.min(longestPause, Math.ceil(took)));
  }
  return done;
}
