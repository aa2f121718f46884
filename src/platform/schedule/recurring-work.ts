/**
 * Work that a process does again and again, one round at a time. A round that fails is reported and the next one
 * tries again; where a round takes longer than the interval, rounds are left out.
 */
export class RecurringWork {
  private timer: NodeJS.Timeout | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;
  private stopped = false;

  /**
   * @param every milliseconds from the beginning of one round to that of the next
   * @param failed hears of rounds that nobody asked for
   */
  constructor(
    private readonly every: number,
    private readonly round: () => Promise<unknown>,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** The first round comes after the interval; the timer keeps no process alive. */
  start(): void {
    if (this.stopped || this.timer !== undefined) return;
    this.timer = setInterval(() => {
      if (this.waiting === 0) this.now().catch(this.failed);
    }, this.every);
    this.timer.unref();
  }

  /** A round of its own, behind those that were asked for before. */
  now(): Promise<void> {
    this.waiting += 1;
    const next = this.last.then(async () => {
      try {
        await this.round();
      } finally {
        this.waiting -= 1;
      }
    });
    // Whoever asked for the round hears of its failure by `next`.
    this.last = next.catch(() => undefined);
    return next;
  }

  /** Long rounds look here between their steps. */
  get isStopped(): boolean {
    return this.stopped;
  }

  /** No further round begins by itself; waits for what was begun. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.last;
  }
}
