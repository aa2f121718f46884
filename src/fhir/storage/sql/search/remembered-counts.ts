import type { RowSource } from './row-condition.js';
import type { StatementContext } from './statement-context.js';
import type { StatementRun } from './statement-run.js';
import { countColumn, countsStatement } from './statements.js';

/** For how long a count is believed, and how many are kept. */
const MEMORY_MS = 60_000;
const REMEMBERED = 5_000;
/** Characters of a condition beyond which its count is not kept. */
const LONGEST_NAME = 2_000;

interface Count {
  readonly rows: number;
  readonly until: number;
}

/**
 * Counts of conditions' rows. They only help to choose a plan, so that one of a minute ago will do: most searches ask
 * for what another asked for shortly before, and pages of a search for the same again.
 */
export class RememberedCounts {
  private readonly counts = new Map<string, Count>();

  /** Rows of each candidate, counted up to a limit. */
  async of(
    candidates: readonly (readonly RowSource[])[],
    limit: number,
    context: StatementContext,
    run: StatementRun,
  ): Promise<readonly number[]> {
    const columns = candidates.map((sources) => countColumn(sources, limit, context));
    const names = columns.map(({ sql, values }) => [sql, ...values].join('\u0000'));
    const found = names.map((name) => this.get(name));
    const asked = columns.filter((_, n) => found[n] === undefined);
    if (asked.length === 0) return found.map((rows) => rows ?? 0);
    const [row] = await run.rows('counts', countsStatement(asked));
    let place = 0;
    return found.map((known, n) => {
      if (known !== undefined) return known;
      const rows = Number(row?.[`c${place++}`]);
      this.set(names[n] ?? '', rows);
      return rows;
    });
  }

  private get(name: string): number | undefined {
    const count = this.counts.get(name);
    return count !== undefined && count.until > Date.now() ? count.rows : undefined;
  }

  private set(name: string, rows: number): void {
    if (name.length > LONGEST_NAME) return;
    this.counts.delete(name);
    const [oldest] = this.counts.keys();
    if (this.counts.size >= REMEMBERED && oldest !== undefined) this.counts.delete(oldest);
    this.counts.set(name, { rows, until: Date.now() + MEMORY_MS });
  }
}
