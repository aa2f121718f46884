import { isRetryable, type Database } from '../../../platform/database/index.js';
import { tables } from './keys.js';

/** Numbers that a process takes at once: few enough to lose at a stop, enough to reserve seldom. */
const BLOCK = 4096;
const ATTEMPTS = 5;

/**
 * Gives out resource numbers from blocks that this process reserved, so that all rows of a transaction are known
 * before its first statement. Numbers of a transaction that failed are not used again.
 */
export class RidBlocks {
  private readonly blocks: { next: number; readonly end: number }[] = [];

  constructor(private readonly database: Database) {}

  /** @returns undefined when the reserved numbers are used up: call `reserve` outside the transaction. */
  take(): number | undefined {
    const [block] = this.blocks;
    if (block === undefined) return undefined;
    const rid = block.next++;
    if (block.next >= block.end) this.blocks.shift();
    return rid;
  }

  get available(): number {
    return this.blocks.reduce((sum, { next, end }) => sum + end - next, 0);
  }

  /** Sees to it that at least `count` numbers can be taken. */
  async reserve(count: number): Promise<void> {
    if (this.available >= count) return;
    const size = Math.max(BLOCK, count);
    const end = await this.advance(size);
    this.blocks.push({ next: end - size, end });
  }

  private async advance(size: number): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.database.transaction(async (session) => {
          await session.execute(`UPDATE ${tables.ridBlock} SET next_rid = next_rid + ? WHERE id = 1`, [size]);
          // Read behind the own update, whose lock keeps the others waiting: the range is this process's alone.
          const [row] = await session.query(`SELECT next_rid FROM ${tables.ridBlock} WHERE id = 1`);
          return Number(row?.next_rid);
        });
      } catch (error) {
        if (attempt >= ATTEMPTS || !isRetryable(error)) throw error;
      }
    }
  }
}
