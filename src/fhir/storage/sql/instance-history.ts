import type { SqlSession, SqlValue } from '../../../platform/database/index.js';
import type { HistoryPage, HistoryPageRequest, HistoryVersion } from '../ports.js';
import { tables } from './keys.js';
import { versionColumns, versionFrom } from './resource-rows.js';

/** Bytes of bodies after which a page ends early. */
const PAGE_BYTES = 64 * 1024 * 1024;
/** Versions read at once: at most as many bodies are held beyond the page. */
const CHUNK = 32;

type Filter = Pick<HistoryPageRequest, 'since' | 'at'>;

/**
 * The versions of one resource: the current row and the superseded ones. Versions are numbered without gaps, so
 * the page behind one starts at the next number.
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

  /** @param current the current version, as it was read just now */
  async page(current: HistoryVersion, request: HistoryPageRequest): Promise<HistoryPage> {
    const total = await this.total(current, request);
    const versions: HistoryVersion[] = [];
    let bytes = 0;
    let { before } = request;
    while (versions.length < request.count) {
      const limit = Math.min(CHUNK, request.count - versions.length);
      const chunk = await this.chunk(current, {
        ...request,
        count: limit,
        ...(before !== undefined && { before }),
      });
      for (const version of chunk.versions) {
        bytes += version.content.length;
        if (bytes > PAGE_BYTES && versions.length > 0) return { total, versions, more: true };
        versions.push(version);
      }
      if (!chunk.more) return { total, versions, more: false };
      before = versions.at(-1)?.version;
    }
    return { total, versions, more: true };
  }

  private async chunk(
    current: HistoryVersion,
    { count, before, ascending = false, ...filter }: HistoryPageRequest,
  ): Promise<Omit<HistoryPage, 'total'>> {
    const isBehind =
      before === undefined || (ascending ? current.version > before : current.version < before);
    const own = isBehind && isShown(current, filter) ? [current] : [];
    const superseded = await this.superseded(current, {
      count: count + 1,
      ascending,
      ...filter,
      ...(before !== undefined && { before }),
    });
    const versions = ascending ? [...superseded, ...own] : [...own, ...superseded];
    return { versions: versions.slice(0, count), more: versions.length > count };
  }

  private async superseded(
    { rid, type, id, version }: HistoryVersion,
    { count, before, ascending, ...filter }: HistoryPageRequest,
  ): Promise<HistoryVersion[]> {
    const range = ascending
      ? { sql: 'h.version > ? AND h.version < ?', values: [before ?? 0, version] }
      : { sql: 'h.version < ?', values: [Math.min(before ?? Number.MAX_SAFE_INTEGER, version)] };
    const shown = filterSql(filter);
    const rows = await this.session.query(
      `SELECT ${versionColumns} FROM ${tables.history} h WHERE h.rid = ? AND ${range.sql}${shown.sql} ` +
        `ORDER BY h.version ${ascending ? 'ASC' : 'DESC'} LIMIT ?`,
      [rid, ...range.values, ...shown.values, count],
    );
    return rows.map((row) => versionFrom(row, type, id));
  }

  /** Versions of the whole history, not of the page. */
  private async total(current: HistoryVersion, filter: Filter): Promise<number> {
    const shown = filterSql(filter);
    const [row] = await this.session.query(
      `SELECT COUNT(*) AS versions FROM ${tables.history} h WHERE h.rid = ? AND h.version < ?${shown.sql}`,
      [current.rid, current.version, ...shown.values],
    );
    return Number(row?.versions) + (isShown(current, filter) ? 1 : 0);
  }
}

/** A deletion was never current; it is shown where it happened within the span. */
function isShown({ lastUpdated, deleted }: HistoryVersion, { since, at }: Filter): boolean {
  if (since !== undefined && lastUpdated < since) return false;
  return at === undefined || (lastUpdated <= at.high && (!deleted || lastUpdated >= at.low));
}

/** Conditions on superseded versions with the alias `h`; the text begins with AND. */
export function filterSql({ since, at }: Filter): {
  readonly sql: string;
  readonly values: readonly SqlValue[];
} {
  const parts: string[] = [];
  const values: SqlValue[] = [];
  if (since !== undefined) {
    parts.push('h.last_updated >= ?');
    values.push(since);
  }
  if (at !== undefined) {
    const next =
      `COALESCE((SELECT n.last_updated FROM ${tables.history} n WHERE n.rid = h.rid AND n.version = h.version + 1), ` +
      `(SELECT c.last_updated FROM ${tables.resource} c WHERE c.rid = h.rid))`;
    parts.push('h.last_updated <= ?', `(h.last_updated >= ? OR (h.deleted = 0 AND ${next} > ?))`);
    values.push(at.high, at.low, at.low);
  }
  return { sql: parts.map((part) => ` AND ${part}`).join(''), values };
}
