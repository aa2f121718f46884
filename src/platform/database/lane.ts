import { FirekeepError } from '../errors/index.js';

export interface LaneOptions {
  /** Works under way at once. */
  readonly places: number;
  /** Works that may wait for a place; more are refused at once. */
  readonly waiting: number;
  /** Milliseconds that one waits at the most. */
  readonly patience: number;
}

interface Waiter {
  readonly enter: () => void;
  readonly refuse: () => void;
}

/** Lets a bounded number of works go on at once; the others wait for a while, in the order in which they came. */
export class Lane {
  private under = 0;
  private readonly waiters = new Set<Waiter>();

  constructor(private readonly options: LaneOptions) {}

  /** @throws FirekeepError `DATABASE_BUSY` where no place becomes free in time */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.under < this.options.places) this.under++;
    else await this.place();
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  private place(): Promise<void> {
    const { waiting, patience } = this.options;
    if (this.waiters.size >= waiting) return Promise.reject(busy());
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        enter: () => {
          clearTimeout(timer);
          resolve();
        },
        refuse: () => {
          this.waiters.delete(waiter);
          reject(busy());
        },
      };
      const timer = setTimeout(waiter.refuse, patience);
      this.waiters.add(waiter);
    });
  }

  /** The place goes to the one who has waited longest. */
  private leave(): void {
    const [next] = this.waiters;
    if (next === undefined) {
      this.under--;
      return;
    }
    this.waiters.delete(next);
    next.enter();
  }
}

function busy(): FirekeepError {
  return new FirekeepError(
    'unavailable',
    'DATABASE_BUSY',
    'Too many searches that take long are under way. Try again soon, or narrow the search: add a parameter that ' +
      'few resources match, such as patient, identifier, code or a range of dates.',
    { retryAfter: 5 },
  );
}
