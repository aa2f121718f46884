import { Injectable } from '@nestjs/common';
import { Database, type SqlRow } from '../../platform/database/index.js';
import { artifactKey } from '../store/artifact-codec.js';
import { launchContextOf, type LaunchContext } from './launch-context.js';

interface Row extends SqlRow {
  readonly context: string;
}

/**
 * The context of each grant. Whatever is issued from a grant, at the first time or by a refresh, takes its context
 * from here, so that no request can bring another.
 */
@Injectable()
export class LaunchContexts {
  constructor(private readonly database: Database) {}

  /**
   * Said once for each grant; nothing is kept of an empty one.
   *
   * @param lifetime seconds: that of the grant
   */
  async save(grantId: string, context: LaunchContext, lifetime: number): Promise<void> {
    const kept = launchContextOf({ ...context });
    if (Object.keys(kept).length === 0) return;
    await this.database.transaction((session) =>
      session.execute(
        'INSERT INTO oauth2_launch_context (grant_hash, context, expires_at) VALUES (?, ?, ?)',
        [artifactKey(grantId), JSON.stringify(kept), Date.now() + lifetime * 1000],
      ),
    );
  }

  /** Empty where the grant has none. */
  async of(grantId: string): Promise<LaunchContext> {
    const [row] = await this.database.query<Row>(
      'SELECT context FROM oauth2_launch_context WHERE grant_hash = ?',
      [artifactKey(grantId)],
    );
    return row === undefined
      ? {}
      : launchContextOf(JSON.parse(row.context) as Readonly<Record<string, unknown>>);
  }
}
