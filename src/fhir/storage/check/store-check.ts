import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, SqlSession } from '../../../platform/database/index.js';
import { readIndexRows } from '../sql/index-writer.js';
import { SqlInternedNames } from '../sql/interned-names.js';
import { tables } from '../sql/keys.js';
import { ReadSession } from '../sql/read-session.js';
import { indexTables, type IndexRow, type IndexTableName } from '../sql/index-tables.js';
import {
  countResources,
  currentBodies,
  dependentTables,
  nextRid,
  orphansOf,
  rowOf,
  rowsAbove,
  supersededBodies,
  versionsBetween,
  type CheckedRow,
} from './check-rows.js';
import type { CheckCounts, Finding } from './finding.js';
import { HistoryFindings } from './history-findings.js';
import { indexFindings } from './index-findings.js';
import { NumberNames } from './number-names.js';
import type { StoredBodyReader } from './stored-body.js';
import { checkText, finding, type NamedVersion } from './version-findings.js';

type NamedRow = CheckedRow & NamedVersion;

/** Resources, and superseded versions, that are looked at together. */
const PAGE = 200;
const LAST_RID = Number.MAX_SAFE_INTEGER;
/** How often a resource that others keep changing is looked at again, and how long is waited in between. */
const LOOKS = 20;
const LOOK_DELAY_MS = 25;

export interface CheckListener {
  finding(found: Finding): void;
  progress?(counts: CheckCounts, total: number): void;
}

/**
 * Verifies that the store agrees with itself: every text is a resource and says of itself what its row says,
 * versions have no gaps, and the index holds exactly the rows that the bodies derive. Reads only, in the order of
 * the numbers, a bounded part at a time. Others may write meanwhile: what looks wrong is looked at again, alone,
 * until two looks at its row agree; of one that changes all the time, what concerns its current version stays open.
 */
export class StoreCheck {
  constructor(
    private readonly database: Database,
    private readonly reader: StoredBodyReader,
  ) {}

  /** @throws FirekeepError `DATABASE_UNAVAILABLE` */
  async run(listener: CheckListener): Promise<CheckCounts> {
    const session = new ReadSession(this.database);
    const names = new NumberNames(session, new SqlInternedNames(this.database), this.reader.additions);
    return new CheckRun(session, names, this.reader, listener).run();
  }
}

class CheckRun {
  private readonly counts = { resources: 0, versions: 0, indexRows: 0, findings: 0 };

  constructor(
    private readonly session: SqlSession,
    private readonly names: NumberNames,
    private readonly reader: StoredBodyReader,
    private readonly listener: CheckListener,
  ) {}

  async run(): Promise<CheckCounts> {
    const total = await countResources(this.session);
    for (let above = 0; ;) {
      const rows = await rowsAbove(this.session, above, PAGE);
      const last = rows.length < PAGE ? LAST_RID : (rows.at(-1)?.rid ?? LAST_RID);
      await this.page(rows);
      await this.orphans(above, last);
      this.listener.progress?.(this.counts, total);
      if (last === LAST_RID) return this.counts;
      above = last;
    }
  }

  private async page(rows: readonly CheckedRow[]): Promise<void> {
    const suspects = await this.look(rows, this.counts);
    for (const rid of new Set(suspects.map((found) => found.rid))) {
      for (const found of await this.lookAgain(rid)) this.report(found);
    }
    const highest = rows.at(-1)?.rid ?? 0;
    if (highest > 0) await this.numbers(rows, highest);
  }

  /** What seems wrong with some resources. */
  private async look(
    rows: readonly CheckedRow[],
    counts = { resources: 0, versions: 0, indexRows: 0 },
  ): Promise<Finding[]> {
    if (await this.reader.refresh()) this.names.forget();
    const findings: Finding[] = [];
    const named = await this.named(rows, findings);
    const stored = await this.storedIndex(named, counts);
    for await (const { row, content } of currentBodies(this.session, named)) {
      const text = checkText(this.reader, row, content);
      findings.push(...text.findings);
      if (text.body === undefined && !row.deleted) continue;
      const derived = text.body && (await this.names.indexRows(row, text.body.values()));
      findings.push(...(await indexFindings(row, this.names, stored.get(row.rid) ?? new Map(), derived)));
    }
    counts.resources += rows.length;
    counts.versions += rows.length + (await this.history(named, findings));
    return findings;
  }

  private async named(rows: readonly CheckedRow[], findings: Finding[]): Promise<NamedRow[]> {
    const named: NamedRow[] = [];
    for (const row of rows) {
      const repositoryName = await this.names.repository(row.repository);
      const typeName = await this.names.type(row.type);
      if (repositoryName !== undefined && typeName !== undefined) {
        named.push({ ...row, repositoryName, typeName });
        continue;
      }
      const detail = `repository ${row.repository} or type ${row.type} has no name`;
      findings.push(finding({ ...row, typeName: typeName ?? `type ${row.type}` }, 'name-missing', detail));
    }
    return named;
  }

  private async storedIndex(
    rows: readonly CheckedRow[],
    counts: { indexRows: number },
  ): Promise<Map<number, Map<IndexTableName, IndexRow[]>>> {
    const byResource = new Map<number, Map<IndexTableName, IndexRow[]>>();
    if (rows.length === 0) return byResource;
    const found = await readIndexRows(
      this.session,
      rows.map(({ rid }) => rid),
    );
    for (const [table, list] of found) {
      const place = ridPlaces.get(table) ?? 0;
      counts.indexRows += list.length;
      for (const row of list) {
        const rid = Number(row[place]);
        const ofResource = byResource.get(rid) ?? new Map<IndexTableName, IndexRow[]>();
        byResource.set(rid, ofResource);
        ofResource.set(table, [...(ofResource.get(table) ?? []), row]);
      }
    }
    return byResource;
  }

  /** @returns how many superseded versions there are */
  private async history(rows: readonly NamedRow[], findings: Finding[]): Promise<number> {
    const histories = new Map(rows.map((row) => [row.rid, { row, history: new HistoryFindings(row) }]));
    const last = rows.at(-1)?.rid ?? 0;
    let behind = { rid: rows[0]?.rid ?? 0, version: 0 };
    let count = 0;
    for (;;) {
      const versions = await versionsBetween(this.session, behind, last, PAGE);
      for await (const { row, content } of supersededBodies(this.session, versions)) {
        const resource = histories.get(row.rid);
        if (resource === undefined) continue;
        findings.push(...resource.history.add(row));
        findings.push(...checkText(this.reader, { ...resource.row, ...row }, content).findings);
        count++;
      }
      const end = versions.at(-1);
      if (end === undefined || versions.length < PAGE) break;
      behind = { rid: end.rid, version: end.version };
    }
    for (const { history } of histories.values()) findings.push(...history.finish());
    return count;
  }

  /** Looks at one resource until nobody has changed it between the first and the last statement. */
  private async lookAgain(rid: number): Promise<Finding[]> {
    let findings: Finding[] = [];
    let behind = 0;
    for (let look = 1; look <= LOOKS; look++) {
      const before = await rowOf(this.session, rid);
      if (before === undefined) return [];
      // A server that has started meanwhile may write with other parameters.
      this.names.forget();
      findings = await this.look([before]);
      if (findings.length === 0) return [];
      const after = await rowOf(this.session, rid);
      if (after?.version === before.version && after.lastUpdated === before.lastUpdated) return findings;
      await sleep(LOOK_DELAY_MS);
      behind = before.version;
    }
    // Of a resource that never rests only what is said of versions that nobody changes any more is certain.
    return findings.filter(({ version }) => version !== null && version < behind);
  }

  private async orphans(above: number, last: number): Promise<void> {
    for (const table of dependentTables) {
      for (const { rid, rows } of await orphansOf(this.session, table, above, last)) {
        // A resource that was being created: its row and what belongs to it appear together.
        if ((await rowOf(this.session, rid)) !== undefined) continue;
        const kind = table === tables.history ? 'history-orphaned' : 'index-orphaned';
        this.report({ kind, rid, resource: '', version: null, detail: `${rows} rows in ${table}` });
      }
    }
  }

  private async numbers(rows: readonly CheckedRow[], highest: number): Promise<void> {
    const next = await nextRid(this.session);
    if (highest < next) return;
    for (const row of rows.filter(({ rid }) => rid >= next)) {
      const typeName = (await this.names.type(row.type)) ?? `type ${row.type}`;
      const detail = `its number ${row.rid} is not below ${next}, which the next block starts with`;
      this.report(finding({ ...row, typeName }, 'number-unreserved', detail));
    }
  }

  private report(found: Finding): void {
    this.counts.findings++;
    this.listener.finding(found);
  }
}

/** Where the number of the resource stands in the rows of each table. */
const ridPlaces = new Map(indexTables.map(({ name, columns }) => [name, columns.indexOf('rid')]));
