import type { SqlRow } from '../../../../platform/database/index.js';
import { derivedCode } from '../../../search/derived-values.js';
import type { LatestOfGroups, SearchQuery } from '../../../search/query.js';
import { keyText } from '../keys.js';
import { byDate, groupsOf, latestOf, uncoded, type CodedRow, type DatedResource } from './code-groups.js';
import type { Driver } from './driver.js';
import {
  groupedRowsStatement,
  ridSource,
  textsStatement,
  writtenStatement,
  type GroupParameters,
} from './latest-statements.js';
import { pageOrder, type Position } from './page-order.js';
import type { Predicate } from './predicate.js';
import { tooMany } from './statement-patience.js';
import { pageStatement } from './statements.js';
import type { StatementContext } from './statement-context.js';
import type { StatementRun } from './statement-run.js';

/** Rows of codes that are looked at. */
const mostRows = 50_000;
/** Resources that one statement names. */
const mostNamed = 500;

export interface PreparedLatest {
  readonly run: StatementRun;
  readonly context: StatementContext;
  /** What finds the matches. */
  readonly driver: Driver;
  /** Everything that a match must fulfil. */
  readonly parts: readonly Predicate[];
}

export interface LatestRows {
  /** As a page of a search has them, in groups, the latest of each first. */
  readonly rows: readonly SqlRow[];
  readonly next: Position | null;
}

/**
 * The latest matches of each group: the codes and dates of all matches are read from the index and put into groups in
 * memory, and the bodies of those that are chosen are read.
 */
export class LatestSearch {
  private readonly parameters: GroupParameters;

  constructor(
    private readonly prepared: PreparedLatest,
    private readonly query: SearchQuery,
    private readonly latest: LatestOfGroups,
  ) {
    const { names } = prepared.context;
    this.parameters = {
      by: names.parameters(latest.by),
      text: names.parameters(derivedCode(latest.by, 'text')),
      date: names.parameters(latest.date),
    };
  }

  /** @throws FirekeepError 422 `FHIR_OPERATION_TOO_COSTLY` */
  async page(): Promise<LatestRows> {
    if (this.parameters.by.length === 0) return { rows: [], next: null };
    const { count, after } = this.query;
    const coded = await this.coded();
    const texts = await this.texts(uncoded(coded));
    const behind = typeof after?.[1] === 'string' ? after[1] : undefined;
    const groups = groupsOf(coded, (rid) => texts.get(rid)).filter(
      ({ key }) => behind === undefined || key > behind,
    );
    const { most } = this.latest;
    const shown: DatedResource[][] = [];
    let resources = 0;
    for (const group of groups) {
      const size = Math.min(most, group.members.length);
      if (shown.length > 0 && resources + size > count) break;
      resources += size;
      shown.push([...latestOf(group, most)]);
    }
    const last = groups[shown.length - 1];
    const next: Position | null =
      shown.length < groups.length && last !== undefined ? ['group', last.key] : null;
    return { rows: await this.bodies(await this.chosen(shown)), next };
  }

  private async coded(): Promise<readonly CodedRow[]> {
    const { run, driver, context } = this.prepared;
    const statement = groupedRowsStatement(driver, this.parameters, mostRows + 1, context);
    const rows = await run.rows('page', statement);
    if (rows.length > mostRows) throw tooMany(mostRows);
    return rows.map(({ rid, system, code, at }) => {
      const text = keyText(code);
      return {
        rid: Number(rid),
        code: text === '' ? undefined : `${String(system)}|${text}`,
        at: at === null ? null : Number(at),
      };
    });
  }

  /** What stands for the codes of resources that have none. */
  private async texts(rids: readonly number[]): Promise<ReadonlyMap<number, string>> {
    const found = new Map<number, string>();
    if (this.parameters.text.length === 0) return found;
    for (const some of inLists(rids)) {
      const rows = await this.prepared.run.rows(
        'page',
        textsStatement(some, this.parameters, this.prepared.context),
      );
      for (const { rid, value } of rows) found.set(Number(rid), `text ${keyText(value)}`);
    }
    return found;
  }

  /** Exactly as many of each group as are wanted; of equal dates those that were written last. */
  private async chosen(groups: readonly (readonly DatedResource[])[]): Promise<readonly number[]> {
    const tied = groups.flatMap((group) =>
      group.filter((one, n) =>
        [group[n - 1], group[n + 1]].some((other) => other && byDate(one, other) === 0),
      ),
    );
    const written = await this.written(tied.map(({ rid }) => rid));
    return groups.flatMap((group) =>
      group
        .toSorted(
          (one, other) =>
            byDate(one, other) ||
            (written.get(other.rid) ?? 0) - (written.get(one.rid) ?? 0) ||
            other.rid - one.rid,
        )
        .slice(0, this.latest.most)
        .map(({ rid }) => rid),
    );
  }

  private async written(rids: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const found = new Map<number, number>();
    for (const some of inLists(rids)) {
      const rows = await this.prepared.run.rows('page', writtenStatement(some, this.prepared.context));
      for (const row of rows) found.set(Number(row.rid), Number(row.last_updated));
    }
    return found;
  }

  /** Whatever has changed meanwhile, none is given out that does not match. */
  private async bodies(rids: readonly number[]): Promise<readonly SqlRow[]> {
    const { run, context, parts } = this.prepared;
    const order = pageOrder({ ...this.query, sort: [] }, context.names);
    const found = new Map<number, SqlRow>();
    for (const some of inLists(rids)) {
      const driver: Driver = { kind: 'gather', sources: [ridSource(some, context)], rest: parts };
      const rows = await run.rows('page', pageStatement(driver, order, undefined, some.length, context));
      for (const row of rows) found.set(Number(row.rid), row);
    }
    return rids.map((rid) => found.get(rid)).filter((row) => row !== undefined);
  }
}

function inLists(rids: readonly number[]): readonly (readonly number[])[] {
  return Array.from({ length: Math.ceil(rids.length / mostNamed) }, (_, n) =>
    rids.slice(n * mostNamed, (n + 1) * mostNamed),
  );
}
