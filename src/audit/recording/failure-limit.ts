/** Failures of one kind that are recorded each by itself, in a row; then this many a minute. */
const burst = 100;
const aMinute = 10;

/**
 * Keeps an attacker from filling the disk: of a flood of failures some are recorded each by itself, the others as
 * one, counted.
 */
export class FailureLimit {
  private room = burst;
  private at: number;
  private left = 0;

  /** @param now milliseconds since the epoch */
  constructor(now: number) {
    this.at = now;
  }

  /** Whether the next failure is recorded by itself; if not, it is counted. */
  admits(now: number): boolean {
    this.room = Math.min(burst, this.room + ((now - this.at) / 60_000) * aMinute);
    this.at = now;
    if (this.room < 1) {
      this.left += 1;
      return false;
    }
    this.room -= 1;
    return true;
  }

  /** How many were only counted since the last call. */
  takeCounted(): number {
    const { left } = this;
    this.left = 0;
    return left;
  }
}
