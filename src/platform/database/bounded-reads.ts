import { Lane } from './lane.js';
import type { SqlRow, SqlValue } from './sql-session.js';
import { isStatementTimeout } from './statement-deadline.js';

/** Runs a SELECT for at most `timeout` ms. */
export type BoundedRead = <T extends SqlRow>(
  sql: string,
  values: readonly SqlValue[],
  timeout: number,
) => Promise<T[]>;

export interface BoundedReadOptions {
  /** Milliseconds that a statement has before it counts as a long one. */
  readonly quickTime: number;
  /** Statements at once that have not turned out long. */
  readonly quickPlaces: number;
  /** Long statements at once. */
  readonly longPlaces: number;
}

/** Works that wait for a place of long statements, for each place. */
const WAITING_A_PLACE = 8;
const LONG_PATIENCE_MS = 2_000;
const QUICK_PATIENCE_MS = 10_000;
/** For how long, and of how many, it is remembered that they turned out long. */
const MEMORY_MS = 60_000;
const REMEMBERED = 500;

/**
 * Reads that may take long. What a statement costs is known only afterwards: each is tried for a short time where
 * it runs best, and one that isn't done by then runs again among the long ones, of which there are few at once. So
 * whoever asks for little is not held up by whoever asks for much.
 */
export class BoundedReads {
  private readonly quickLane: Lane;
  private readonly longLane: Lane;
  /** Statements that turned out long, with the time until which that is believed. The oldest stands first. */
  private readonly known = new Map<string, number>();

  constructor(
    private readonly quick: BoundedRead,
    private readonly long: BoundedRead,
    private readonly options: BoundedReadOptions,
  ) {
    const { quickPlaces, longPlaces } = options;
    this.quickLane = new Lane({ places: quickPlaces, waiting: Infinity, patience: QUICK_PATIENCE_MS });
    this.longLane = new Lane({
      places: longPlaces,
      waiting: longPlaces * WAITING_A_PLACE,
      patience: LONG_PATIENCE_MS,
    });
  }

  /** @throws what `isStatementTimeout` knows, and FirekeepError `DATABASE_BUSY` */
  async query<T extends SqlRow>(sql: string, values: readonly SqlValue[], timeout: number): Promise<T[]> {
    const { quickTime } = this.options;
    if (timeout <= quickTime) return this.quickLane.run(() => this.quick<T>(sql, values, timeout));
    if (this.known.size === 0 || !this.isKnown(nameOf(sql, values))) {
      try {
        return await this.quickLane.run(() => this.quick<T>(sql, values, quickTime));
      } catch (error) {
        if (!isStatementTimeout(error)) throw error;
        this.remember(nameOf(sql, values));
      }
    }
    return this.longLane.run(() => this.long<T>(sql, values, timeout));
  }

  private isKnown(name: string): boolean {
    const until = this.known.get(name);
    return until !== undefined && until > Date.now();
  }

  private remember(name: string): void {
    this.known.delete(name);
    const [oldest] = this.known.keys();
    if (this.known.size >= REMEMBERED && oldest !== undefined) this.known.delete(oldest);
    this.known.set(name, Date.now() + MEMORY_MS);
  }
}

function nameOf(sql: string, values: readonly SqlValue[]): string {
  return `${sql}\u0000${values.map((value) => (typeof value === 'bigint' ? `${value}n` : JSON.stringify(value))).join()}`;
}
