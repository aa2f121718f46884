import {
  listConditions,
  deadlineCondition,
  isStatementTimeout,
  type SqlRow,
  type SqlSession,
  type SqlValue,
} from '../../../platform/database/index.js';
import type {
  HistoryPosition,
  HistoryVersion,
  RepositoryHistoryPage,
  RepositoryHistoryRequest,
} from '../ports.js';
import { filterSql } from './instance-history.js';
import type { InternedNames } from './keys.js';
import { keys, keyText, tables } from './keys.js';
import { versionColumns, versionFrom } from './resource-rows.js';
import { tooCostly } from './search/statement-patience.js';

/** Bytes of bodies after which a page ends early. */
const PAGE_BYTES = 64 * 1024 * 1024;
/** Bodies read at once. */
const CHUNK = 32;
/** Types whose numbers are looked up each by itself. */
const ONE_BY_ONE = 8;

/** Where a version is found. */
interface VersionKey {
  readonly lastUpdated: number;
  readonly rid: number;
  /** Null: the current one, whichever number it has. */
  readonly version: number | null;
}

/**
 * The versions of all resources of some types: current rows and superseded ones, each read in the order of its
 * key by time, type by type, so that a page costs what it shows. A version that is superseded while pages are
 * read keeps its place.
 */
export class RepositoryHistory {
  constructor(
    private readonly session: SqlSession,
    private readonly names: InternedNames,
    private readonly timeout: number,
  ) {}

  /** @throws FirekeepError 422 `FHIR_SEARCH_TOO_COSTLY` */
  async page(repository: string, request: RepositoryHistoryRequest): Promise<RepositoryHistoryPage> {
    const types = await this.types(request.types);
    const repositoryId = await this.names.repositoryId(this.session, repository);
    if (repositoryId === undefined || types.size === 0) return { versions: [], next: null, total: 0 };
    const sources = [...types.keys()].flatMap((type) => sourcesOf(repositoryId, type, request));
    if (request.count === 0) return { versions: [], next: null, total: await this.count(sources) };
    const found = await this.keys(sources, request);
    const { versions, isCut } = await this.bodies(found.slice(0, request.count), types);
    const last = versions.at(-1);
    const isLast = !isCut && found.length <= request.count;
    return {
      versions,
      next: isLast || last === undefined ? null : positionOf(last),
      total: isLast && request.behind === undefined ? versions.length : null,
    };
  }

  /** Names of the types by their numbers. */
  private async types(wanted: readonly string[] | null): Promise<ReadonlyMap<number, string>> {
    if (wanted === null || wanted.length > ONE_BY_ONE) {
      const rows = await this.session.query(`SELECT id, name FROM ${tables.type}`);
      const names = rows.map((row) => [Number(row.id), keyText(row.name)] as const);
      return new Map(wanted === null ? names : names.filter(([, name]) => wanted.includes(name)));
    }
    const found = new Map<number, string>();
    for (const name of wanted) {
      const id = await this.names.typeId(this.session, name);
      if (id !== undefined) found.set(id, name);
    }
    return found;
  }

  private async keys(
    sources: readonly Source[],
    { count, ascending }: RepositoryHistoryRequest,
  ): Promise<readonly VersionKey[]> {
    const direction = ascending === true ? 'ASC' : 'DESC';
    const parts = sources.map((source) => ({
      text:
        `SELECT * FROM (SELECT ${source.columns} FROM ${this.from(source)} WHERE ${this.deadline}${source.where} ` +
        `ORDER BY ${source.order.map((column) => `h.${column} ${direction}`).join(', ')} LIMIT ?) s`,
      values: [...source.values, count + 1],
    }));
    const order = ascending === true ? 1 : -1;
    const rows = await this.query(
      parts.map(({ text }) => text).join(' UNION ALL '),
      parts.flatMap(({ values }) => values),
    );
    return rows
      .map(keyFrom)
      .sort((a, b) => order * compare(a, b))
      .slice(0, count + 1);
  }

  private async count(sources: readonly Source[]): Promise<number> {
    const parts = sources.map((source) => ({
      text: `SELECT COUNT(*) AS versions FROM ${this.from(source)} WHERE ${this.deadline}${source.where}`,
      values: [...source.values],
    }));
    const rows = await this.query(
      parts.map(({ text }) => text).join(' UNION ALL '),
      parts.flatMap(({ values }) => values),
    );
    return rows.reduce((sum, row) => sum + Number(row.versions), 0);
  }

  private async bodies(
    wanted: readonly VersionKey[],
    types: ReadonlyMap<number, string>,
  ): Promise<{ readonly versions: readonly HistoryVersion[]; readonly isCut: boolean }> {
    const versions: HistoryVersion[] = [];
    let bytes = 0;
    for (let start = 0; start < wanted.length; start += CHUNK) {
      const chunk = wanted.slice(start, start + CHUNK);
      const found = new Map([
        ...(await this.currentBodies(chunk, types)),
        ...(await this.supersededBodies(chunk, types)),
      ]);
      for (const key of chunk) {
        const version = found.get(nameOf(key)) ?? (await this.overtaken(key, types));
        if (version === undefined) continue;
        bytes += version.content.length;
        if (bytes > PAGE_BYTES && versions.length > 0) return { versions, isCut: true };
        versions.push(version);
      }
    }
    return { versions, isCut: false };
  }

  private async currentBodies(
    chunk: readonly VersionKey[],
    types: ReadonlyMap<number, string>,
  ): Promise<[string, HistoryVersion][]> {
    const rids = chunk.filter(({ version }) => version === null).map(({ rid }) => [rid]);
    const found: [string, HistoryVersion][] = [];
    for (const { sql, values } of listConditions(this.session.dialect, ['rid'], rids)) {
      const rows = await this.session.query(
        `SELECT type, id, ${versionColumns} FROM ${tables.resource} WHERE ${sql}`,
        values,
      );
      for (const row of rows) {
        const version = versionFrom(row, types.get(Number(row.type)) ?? '', keyText(row.id));
        found.push([nameOf({ ...version, version: null }), version]);
      }
    }
    return found;
  }

  private async supersededBodies(
    chunk: readonly VersionKey[],
    types: ReadonlyMap<number, string>,
  ): Promise<[string, HistoryVersion][]> {
    const wanted = chunk.flatMap(({ rid, version }) => (version === null ? [] : [[rid, version]]));
    const found: [string, HistoryVersion][] = [];
    const lists = listConditions(this.session.dialect, ['h.rid', 'h.version'], wanted);
    for (const { sql, values } of lists) {
      const rows = await this.session.query(`${selectSuperseded} WHERE ${sql}`, values);
      for (const row of rows) {
        const version = versionFrom(row, types.get(Number(row.type)) ?? '', keyText(row.id));
        found.push([nameOf(version), version]);
      }
    }
    return found;
  }

  /** What was the current version when its key was read has been superseded since. */
  private async overtaken(
    { rid, lastUpdated }: VersionKey,
    types: ReadonlyMap<number, string>,
  ): Promise<HistoryVersion | undefined> {
    const [row] = await this.session.query(
      `${selectSuperseded} WHERE h.rid = ? AND h.last_updated = ? ORDER BY h.version DESC LIMIT 1`,
      [rid, lastUpdated],
    );
    return row && versionFrom(row, types.get(Number(row.type)) ?? '', keyText(row.id));
  }

  private from({ table, key }: Source): string {
    return `${table} h${this.session.dialect === 'mysql' ? ` FORCE INDEX (${key})` : ''}`;
  }

  private get deadline(): string {
    return this.session.dialect === 'sqlite' ? `${deadlineCondition('h.rid')} AND ` : '';
  }

  private async query(text: string, values: readonly SqlValue[]): Promise<SqlRow[]> {
    try {
      return await this.session.query(text, values, this.timeout);
    } catch (error) {
      throw isStatementTimeout(error) ? tooCostly(error) : error;
    }
  }
}

const selectSuperseded =
  `SELECT r.type, r.id, ${versionColumns
    .split(', ')
    .map((column) => `h.${column}`)
    .join(', ')} ` + `FROM ${tables.history} h JOIN ${tables.resource} r ON r.rid = h.rid`;

/** Versions of one type in one of the two tables; `h` is its alias. */
interface Source {
  readonly table: string;
  readonly key: string;
  readonly columns: string;
  readonly where: string;
  readonly values: readonly SqlValue[];
  readonly order: readonly string[];
}

function sourcesOf(repository: number, type: number, request: RepositoryHistoryRequest): readonly Source[] {
  const base = { sql: 'h.repository = ? AND h.type = ?', values: [repository, type] };
  const behind = behindSql(request);
  const superseded = filterSql(request);
  const current = currentFilterSql(request);
  return [
    {
      table: tables.resource,
      key: keys.resourceUpdated,
      columns: 'h.rid, NULL AS version, h.last_updated',
      where: base.sql + behind.sql + current.sql,
      values: [...base.values, ...behind.values, ...current.values],
      order: ['last_updated', 'rid'],
    },
    {
      table: tables.history,
      key: keys.historyUpdated,
      columns: 'h.rid, h.version, h.last_updated',
      where: base.sql + behind.sql + superseded.sql,
      values: [...base.values, ...behind.values, ...superseded.values],
      order: ['last_updated', 'rid', 'version'],
    },
  ];
}

interface Condition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** One range of the key; a comparison of rows would scan it. */
function behindSql({ behind, ascending }: RepositoryHistoryRequest): Condition {
  if (behind === undefined) return { sql: '', values: [] };
  const { lastUpdated, rid, version } = behind;
  const sign = ascending === true ? '>' : '<';
  return {
    sql:
      ` AND h.last_updated ${sign}= ? AND (h.last_updated ${sign} ? OR h.rid ${sign} ? ` +
      `OR (h.rid = ? AND h.version ${sign} ?))`,
    values: [lastUpdated, lastUpdated, rid, rid, version],
  };
}

function currentFilterSql({ since, at }: RepositoryHistoryRequest): Condition {
  const parts: string[] = [];
  const values: SqlValue[] = [];
  if (since !== undefined) {
    parts.push(' AND h.last_updated >= ?');
    values.push(since);
  }
  if (at !== undefined) {
    parts.push(' AND h.last_updated <= ? AND (h.last_updated >= ? OR h.deleted = 0)');
    values.push(at.high, at.low);
  }
  return { sql: parts.join(''), values };
}

function keyFrom(row: SqlRow): VersionKey {
  return {
    lastUpdated: Number(row.last_updated),
    rid: Number(row.rid),
    version: row.version === null ? null : Number(row.version),
  };
}

function compare(a: VersionKey, b: VersionKey): number {
  if (a.lastUpdated !== b.lastUpdated) return a.lastUpdated - b.lastUpdated;
  if (a.rid !== b.rid) return a.rid - b.rid;
  return (a.version ?? Number.MAX_SAFE_INTEGER) - (b.version ?? Number.MAX_SAFE_INTEGER);
}

/** The current version is told by its time: another one may have become current since. */
function nameOf({ rid, version, lastUpdated }: VersionKey): string {
  return version === null ? `${rid}@${lastUpdated}` : `${rid}/${version}`;
}

function positionOf({ lastUpdated, rid, version }: HistoryVersion): HistoryPosition {
  return { lastUpdated, rid, version };
}
