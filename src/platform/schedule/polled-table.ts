import type { Database, SqlRow } from '../database/index.js';
import { RecurringWork } from './recurring-work.js';

const every = 2_000;

export interface PolledTerms<Row extends SqlRow> {
  /** A statement whose rows differ whenever something has changed; few and short ones. */
  readonly statement: string;
  /** Hears of the rows of the first reading and of every one that is different; where it fails, the next one comes. */
  readonly changed: (rows: readonly Row[]) => unknown;
  /** Hears of readings that nobody asked for. */
  readonly failed: (error: unknown) => void;
}

/** A small table that each process holds in memory: a change shows at once on this node, within seconds on others. */
export class PolledTable<Row extends SqlRow> {
  private fingerprint: string | undefined;
  private readonly reading: RecurringWork;

  constructor(
    private readonly database: Database,
    private readonly terms: PolledTerms<Row>,
  ) {
    this.reading = new RecurringWork(every, () => this.read(), terms.failed);
  }

  /** Reads the table, and goes on doing so. */
  async start(): Promise<void> {
    await this.refresh();
    this.reading.start();
  }

  stop(): Promise<void> {
    return this.reading.stop();
  }

  /**
   * Reads the table now. One reading at a time: one that began before a change must not end behind one that began
   * after it.
   */
  refresh(): Promise<void> {
    return this.reading.now();
  }

  private async read(): Promise<void> {
    const { statement, changed } = this.terms;
    const rows = await this.database.query<Row>(statement);
    const fingerprint = JSON.stringify(rows);
    if (fingerprint === this.fingerprint) return;
    await changed(rows);
    this.fingerprint = fingerprint;
  }
}
