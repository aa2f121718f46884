import { setImmediate as turn } from 'node:timers/promises';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database, retrying } from '../platform/database/index.js';
import { Logger } from '../platform/logging/index.js';
import { RecurringWork } from '../platform/schedule/index.js';
import { writeAddressRows } from './address-rows.js';
import { clientRows } from './client-rows.js';

const every = 2_000;
/** Milliseconds that clocks of processes may differ by, and a round may be late. */
const lookBack = 10 * 60_000;
const pageSize = 500;

interface Row extends Record<string, unknown> {
  readonly client_id: string;
  readonly version: number;
  readonly indexed_version: number | null;
}

/**
 * Processes of an earlier program write clients without the rows by which their addresses are found. Where one did, these
 * are written afterwards: at the start every client is looked at, then those that were changed lately.
 */
@Injectable()
export class AddressUpkeep implements OnApplicationBootstrap, OnApplicationShutdown {
  private isComplete = false;
  private readonly work: RecurringWork;

  constructor(
    private readonly database: Database,
    logger: Logger,
  ) {
    this.work = new RecurringWork(
      every,
      () => this.run(),
      (error) => logger.warn('addresses of clients not brought up to date', error),
    );
  }

  onApplicationBootstrap(): void {
    this.work.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.work.stop();
  }

  /** One round; at the first time over all clients. */
  async run(): Promise<void> {
    if (this.isComplete) await this.mendAll(await this.changedLately());
    else await this.walk();
  }

  private async walk(): Promise<void> {
    for (let after = ''; !this.work.isStopped;) {
      const page = await this.database.query<Row>(
        `SELECT client_id, version, indexed_version FROM oauth_client WHERE client_id > ?
         ORDER BY client_id LIMIT ${pageSize}`,
        [after],
      );
      await this.mendAll(page.filter(({ version, indexed_version: indexed }) => version !== indexed));
      const last = page.at(-1);
      if (last === undefined || page.length < pageSize) {
        this.isComplete = true;
        return;
      }
      after = last.client_id;
      await turn();
    }
  }

  /** By an index that holds all that is asked for. */
  private changedLately(): Promise<Row[]> {
    return this.database.query<Row>(
      `SELECT client_id, version, indexed_version FROM oauth_client
       WHERE updated_at >= ? AND (indexed_version IS NULL OR indexed_version <> version) LIMIT ${pageSize}`,
      [Date.now() - lookBack],
    );
  }

  private async mendAll(stale: readonly Row[]): Promise<void> {
    for (const { client_id: clientId } of stale) {
      if (this.work.isStopped) return;
      await this.mend(clientId);
    }
  }

  private mend(clientId: string): Promise<void> {
    return retrying(() =>
      this.database.write(async (manager) => {
        const client = await clientRows.find(manager, { clientId }, undefined);
        if (client === undefined || client.indexedVersion === client.version) return;
        await writeAddressRows(manager, client);
        await manager.query('UPDATE oauth_client SET indexed_version = version WHERE client_id = ?', [
          clientId,
        ]);
      }),
    );
  }
}
