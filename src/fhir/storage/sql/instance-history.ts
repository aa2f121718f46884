import type { SqlSession, SqlValue } from '../../../platform/database/index.js';
import type { HistoryPage, HistoryPageRequest, HistoryVersion } from '../ports.js';
import { tables } from './keys.js';
import { versionColumns, versionFrom } from './resource-rows.js';

/**
 * The versions of one resource, newest first: the current row, then the superseded ones. Versions are numbered
 * without gaps, so the page below one starts at the next number.
 */
export class InstanceHistory {
  constructor(private readonly session: SqlSession) {}

  async version(current: HistoryVersion, version: number): Promise<HistoryVersion | undefined> {
    const [row] = await this.session.query(
      `SELECT ${versionColumns} FROM ${tables.history} WHERE rid = ? AND version = ?`,
      [current.rid, version],
    );
    return row === undefined ? undefined : versionFrom(row, current.type, current.id);
  }

  /** @param current the current version, which a page from the start begins with */
  async page(current: HistoryVersion, { count, before, since }: HistoryPageRequest): Promise<HistoryPage> {
    const isSince = ({ lastUpdated }: HistoryVersion): boolean => since === undefined || lastUpdated >= since;
    const isBelow = before === undefined || current.version < before;
    const first = isBelow && isSince(current) ? [current] : [];
    const below = Math.min(before ?? Number.MAX_SAFE_INTEGER, current.version);
    const superseded = await this.superseded(current, below, since, count + 1 - first.length);
    const versions = [...first, ...superseded];
    const total = await this.total(current, since);
    return { total, versions: versions.slice(0, count), more: versions.length > count };
  }

  private async superseded(
    { rid, type, id }: HistoryVersion,
    below: number,
    since: number | undefined,
    limit: number,
  ): Promise<HistoryVersion[]> {
    if (limit <= 0) return [];
    const values: SqlValue[] = [rid, below];
    if (since !== undefined) values.push(since);
    const rows = await this.session.query(
      `SELECT ${versionColumns} FROM ${tables.history} WHERE rid = ? AND version < ?` +
        `${since === undefined ? '' : ' AND last_updated >= ?'} ORDER BY version DESC LIMIT ?`,
      [...values, limit],
    );
    return rows.map((row) => versionFrom(row, type, id));
  }

  /** Versions of the whole history, not of the page. */
  private async total(current: HistoryVersion, since: number | undefined): Promise<number> {
    const values: SqlValue[] = [current.rid, current.version];
    if (since !== undefined) values.push(since);
    const [row] = await this.session.query(
      `SELECT COUNT(*) AS versions FROM ${tables.history} WHERE rid = ? AND version < ?` +
        (since === undefined ? '' : ' AND last_updated >= ?'),
      values,
    );
    const isCounted = since === undefined || current.lastUpdated >= since;
    return Number(row?.versions) + (isCounted ? 1 : 0);
  }
}
