import { FirekeepError } from '../../../platform/errors/index.js';
import type { WriteUnit } from '../ports.js';
import type { UnitOutcome } from './unit-outcome.js';

export interface WriteQueueOptions {
  /** Transactions under way at once. */
  readonly writers: number;
  /** Units in one transaction. */
  readonly groupUnits: number;
  /** Bytes after which a transaction takes no further unit. */
  readonly groupBytes: number;
  /** Units and bytes that wait or are being written; beyond, commits are refused. */
  readonly queueUnits: number;
  readonly queueBytes: number;
  /** Milliseconds that a unit without a deadline waits for its turn at the most. */
  readonly patience: number;
}

export const writeQueueDefaults: Omit<WriteQueueOptions, 'writers'> = {
  groupUnits: 64,
  groupBytes: 2 * 1024 * 1024,
  queueUnits: 4096,
  queueBytes: 64 * 1024 * 1024,
  patience: 60_000,
};

/** What a unit without a size is taken for. */
const USUAL_BYTES = 8 * 1024;

interface Entry {
  readonly unit: WriteUnit<unknown>;
  readonly bytes: number;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** Writes a group of units in one transaction: one outcome a unit. */
export type CommitGroup = (units: readonly WriteUnit<unknown>[]) => Promise<readonly UnitOutcome[]>;

/**
 * Puts writes that arrive while a commit is under way together into the next one: one sync of the disk answers
 * them all. Each unit gets its own answer, after the commit that holds it.
 */
export class WriteQueue {
  private waiting: Entry[] = [];
  private active = 0;
  private scheduled = false;
  /** Accepted and not answered yet. */
  private units = 0;
  private bytes = 0;
  private closed = false;
  private readonly whenIdle: (() => void)[] = [];

  constructor(
    private readonly commitGroup: CommitGroup,
    private readonly options: WriteQueueOptions,
  ) {}

  /** @throws FirekeepError `FHIR_STORE_BUSY`, `FHIR_STORE_CLOSING`, or what became of the unit */
  async add<R>(unit: WriteUnit<R>): Promise<R> {
    const bytes = unit.bytes ?? USUAL_BYTES;
    const deadline = unit.deadline ?? Date.now() + this.options.patience;
    this.refuseIfFull(bytes);
    this.units++;
    this.bytes += bytes;
    try {
      return await new Promise<R>((resolve, reject) => {
        this.waiting.push({ unit, bytes, deadline, resolve, reject });
        this.schedule();
      });
    } finally {
      this.units--;
      this.bytes -= bytes;
      if (this.units === 0) for (const resolve of this.whenIdle.splice(0)) resolve();
    }
  }

  /** Resolves when everything accepted has been answered; what comes later is refused. */
  async drain(): Promise<void> {
    this.closed = true;
    if (this.units > 0) await new Promise<void>((resolve) => this.whenIdle.push(resolve));
  }

  private refuseIfFull(bytes: number): void {
    if (this.closed) {
      throw new FirekeepError(
        'unavailable',
        'FHIR_STORE_CLOSING',
        'The server is stopping and takes no more writes. Try again soon.',
        { retryAfter: 5 },
      );
    }
    const { queueUnits, queueBytes } = this.options;
    // A single large unit is let in: it must be possible to write it at all.
    if (this.units < queueUnits && (this.units === 0 || this.bytes + bytes <= queueBytes)) return;
    throw new FirekeepError(
      'throttled',
      'FHIR_STORE_BUSY',
      'Too many writes are waiting. Nothing was changed; try again soon.',
      { retryAfter: 1 },
    );
  }

  /** Waits for the end of the round of the event loop: what arrives in the same round goes together. */
  private schedule(): void {
    if (this.scheduled || this.active >= this.options.writers) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      while (this.active < this.options.writers && this.waiting.length > 0) void this.write(this.nextGroup());
    });
  }

  private nextGroup(): Entry[] {
    const { groupUnits, groupBytes } = this.options;
    let bytes = 0;
    let count = 0;
    while (count < Math.min(groupUnits, this.waiting.length)) {
      bytes += this.waiting[count]?.bytes ?? 0;
      if (count > 0 && bytes > groupBytes) break;
      count++;
    }
    return this.waiting.splice(0, count);
  }

  private async write(taken: readonly Entry[]): Promise<void> {
    this.active++;
    const group = refuseLate(taken);
    try {
      if (group.length > 0) this.answer(group, await this.commitGroup(group.map(({ unit }) => unit)));
    } catch (error) {
      for (const entry of group) entry.reject(error);
    } finally {
      this.active--;
      if (this.waiting.length > 0) this.schedule();
    }
  }

  private answer(group: readonly Entry[], outcomes: readonly UnitOutcome[]): void {
    const again: Entry[] = [];
    for (const [index, entry] of group.entries()) {
      const outcome = outcomes[index];
      if (outcome?.kind === 'done') entry.resolve(outcome.result);
      else if (outcome?.kind === 'failed') entry.reject(outcome.error);
      else again.push(entry);
    }
    // First in the next group, where nothing can overtake the first of them.
    this.waiting = [...again, ...this.waiting];
  }
}

/** Answers those whose time is over, and returns the others. */
function refuseLate(entries: readonly Entry[]): readonly Entry[] {
  const now = Date.now();
  return entries.filter((entry) => {
    if (now <= entry.deadline) return true;
    entry.reject(outOfTime());
    return false;
  });
}

/** @returns the error for a request whose time is over before anything of it was done. */
export function outOfTime(): FirekeepError {
  return new FirekeepError(
    'unavailable',
    'FHIR_REQUEST_TIMEOUT',
    'The request took longer than a request may take. Nothing of it was changed; try again, or send less at once.',
    { retryAfter: 5 },
  );
}
