import type { Dialect, SqlRow, SqlSession } from '../../../../platform/database/index.js';
import { restricted } from '../../../search/access-filter.js';
import type { LatestOfGroups, SearchedMembers, SearchQuery } from '../../../search/query.js';
import type { ResourceIdentity, SearchPage, StoredResource } from '../../ports.js';
import { keyText, type InternedNames } from '../keys.js';
import type { SearchExecutor } from '../search-executor.js';
import { compileFilter } from './compile-expression.js';
import { chooseDriver, gatherFirst } from './driver.js';
import type { Driver, RowCounts, SearchOfType } from './driver.js';
import type { Fragment } from './fragment.js';
import { IncludedResources, type Included } from './included-resources.js';
import { gatherOthers, planLinks } from './plan-links.js';
import { RememberedCounts } from './remembered-counts.js';
import { LatestSearch } from './latest-search.js';
import { memberSearches } from './member-searches.js';
import { pageOrder } from './page-order.js';
import type { PageOrder } from './page-order.js';
import type { Predicate } from './predicate.js';
import type { RowSource } from './row-condition.js';
import { resolveNames } from './search-names.js';
import type { SearchNames } from './search-names.js';
import { SearchTrace } from './search-trace.js';
import { edgeStatement, rangeDriver } from './value-range.js';
import { StatementRun } from './statement-run.js';
import {
  identitiesStatement,
  matchedRids,
  pageStatement,
  totalStatement,
  unitedPageStatement,
} from './statements.js';
import type { StatementContext } from './statement-context.js';

export interface SqlSearchOptions {
  /** Milliseconds after which a search is stopped. */
  readonly timeout: number;
  /** The same for criteria, which are evaluated while writes wait. */
  readonly criteriaTimeout: number;
  /** Rows of a condition up to which they are gathered and sorted; beyond it matches are looked for in order. */
  readonly gatherLimit: number;
  /** Rows of a condition from which on they are sorted before other conditions are tested on them. */
  readonly sortFrom: number;
  /** Milliseconds for finding a page in the order of values, where matches may be far; then all are sorted. */
  readonly edgeTime: number;
  /** Resources that a page may bring besides its matches. */
  readonly includedResources: number;
}

/**
 * Up to `gatherLimit` rows gathering costs less than walking a million resources. To sort them first costs a look at each
 * resource that is tested, which a few hundred tests make up for: docs/adr/0012.
 */
const defaults: Readonly<Record<Dialect, SqlSearchOptions>> = {
  mysql: {
    timeout: 10_000,
    criteriaTimeout: 3_000,
    gatherLimit: 4500,
    sortFrom: 200,
    edgeTime: 200,
    includedResources: 1000,
  },
  sqlite: {
    timeout: 3_000,
    criteriaTimeout: 2_000,
    gatherLimit: 4500,
    sortFrom: 200,
    edgeTime: 50,
    includedResources: 1000,
  },
};

/** Up to this many matches an estimate is counted; beyond it none is given. */
const ESTIMATE_LIMIT = 100_000;

/** A query with its names looked up, ready for statements. */
interface Prepared extends StatementContext {
  readonly parts: readonly Predicate[];
  /** The search of each type by itself, where it is of several. */
  readonly byType: readonly SearchOfType[];
  readonly order: PageOrder;
  readonly run: StatementRun;
}

/**
 * Answers searches by SQL. Each condition of the query becomes a test of one resource; the one with the fewest
 * rows drives (docs/adr/0008). Without `_sort` the order is the newest created first. The matches of a page and
 * their bodies come from one statement, so that no body is returned that doesn't match.
 */
export class SqlSearch implements SearchExecutor {
  private readonly counts = new RememberedCounts();

  constructor(
    private readonly names: InternedNames,
    private readonly options: Partial<SqlSearchOptions> = {},
  ) {}

  /** The first `limit` matches, in no order. @throws FirekeepError 422 `FHIR_SEARCH_TOO_COSTLY` */
  async identities(
    session: SqlSession,
    query: SearchQuery,
    limit: number,
  ): Promise<readonly ResourceIdentity[]> {
    const run = new StatementRun(session, this.option(session, 'criteriaTimeout'));
    const prepared = await this.prepare(run, { ...query, sort: [] });
    if (prepared === undefined) return [];
    const driver = await this.driver(prepared);
    const rows = await run.rows('page', identitiesStatement(driver, limit, prepared));
    return rows.map((row) => identityOf(row, prepared.names));
  }

  /**
   * One page of matches, with the positions of those beside it. `total` is set where it is asked for, and where the
   * first page holds all matches. @throws FirekeepError 422 `FHIR_SEARCH_TOO_COSTLY`
   */
  async page(session: SqlSession, query: SearchQuery): Promise<SearchPage> {
    const timeout = this.option(session, 'timeout');
    if (query.explain !== true) return this.pageBy(new StatementRun(session, timeout), query);
    const trace = new SearchTrace();
    const page = await this.pageBy(new StatementRun(session, timeout, trace), query);
    return { ...page, explanation: await trace.explanation(session, timeout) };
  }

  /**
   * A statement for the rows (`rid`) of all matches, and the names of what is searched; undefined: nothing can match.
   *
   * @throws FirekeepError 422 `FHIR_SEARCH_TOO_COSTLY`
   */
  async matched(
    run: StatementRun,
    query: SearchQuery,
  ): Promise<{ readonly rids: Fragment; readonly names: SearchNames } | undefined> {
    const prepared = await this.prepare(run, { ...query, sort: [] });
    if (prepared === undefined) return undefined;
    return { rids: matchedRids(await this.driver(prepared), prepared), names: prepared.names };
  }

  private async pageBy(run: StatementRun, query: SearchQuery): Promise<SearchPage> {
    if (query.members !== undefined) return this.memberPage(run, query, query.members);
    if (query.latest !== undefined) return this.latestPage(run, query, query.latest);
    const prepared = await this.prepare(run, query);
    if (prepared === undefined) return emptyPage;
    const driver = await this.driver(prepared);
    if (query.count === 0) {
      return { ...emptyPage, total: await total(driver, prepared, null) };
    }
    const { order, names } = prepared;
    const from = query.before ?? query.after;
    const rows =
      (await this.nearStart(driver, prepared, query)) ??
      (await run.rows('page', pageStatement(driver, order, from, query.count + 1, prepared)));
    const shown = rows.slice(0, query.count);
    if (query.before !== undefined) shown.reverse();
    const isAll = from === undefined && rows.length <= query.count;
    const matches = shown.map((row) => resourceOf(row, names));
    const { resources: included, cut } = await this.included(run, query, matches);
    return {
      matches,
      included,
      cut,
      ...neighbours(query, order, shown, rows.length > query.count),
      total: isAll ? shown.length : await askedTotal(driver, prepared, query.total),
    };
  }

  /** Members in the default order, the newest created first. */
  private async memberPage(
    run: StatementRun,
    query: SearchQuery,
    members: SearchedMembers,
  ): Promise<SearchPage> {
    const found = await memberSearches(run.session, this.names, query, members);
    if (found === undefined || found.searches.length === 0) return emptyPage;
    const { names, searches } = found;
    const order = pageOrder({ ...query, sort: [] }, names);
    const { text, deadline } = run;
    const statement = unitedPageStatement(searches, order, query.after, query.count + 1, {
      names,
      text,
      deadline,
    });
    const rows = await run.rows('page', statement);
    const shown = rows.slice(0, query.count);
    const matches = shown.map((row) => resourceOf(row, names));
    const { resources: included, cut } = await this.included(run, query, matches);
    const isAll = query.after === undefined && rows.length <= query.count;
    return {
      matches,
      included,
      cut,
      ...neighbours(query, order, shown, rows.length > query.count),
      total: isAll ? shown.length : null,
    };
  }

  private async latestPage(
    run: StatementRun,
    query: SearchQuery,
    latest: LatestOfGroups,
  ): Promise<SearchPage> {
    const prepared = await this.prepare(run, query);
    if (prepared === undefined) return emptyPage;
    const { names, parts } = prepared;
    const driver = (await this.gathered(prepared, latest)) ?? (await this.driver(prepared));
    const found = await new LatestSearch({ run, context: prepared, driver, parts }, query, latest).page();
    const matches = found.rows.map((row) => resourceOf(row, names));
    const isAll = query.after === undefined && found.next === null;
    const total = isAll ? matches.length : null;
    return { ...emptyPage, matches, next: found.next, total };
  }

  /** Undefined: whichever is rarest drives. */
  private gathered(prepared: Prepared, { gathers }: LatestOfGroups): Promise<Driver | undefined> {
    if (gathers === 'others') return gatherOthers(prepared.parts, this.rowCounts(prepared));
    return Promise.resolve(gathers === 'first' ? gatherFirst(prepared.parts) : undefined);
  }

  private async prepare(run: StatementRun, asked: SearchQuery): Promise<Prepared | undefined> {
    const query = restricted(asked);
    const known = await resolveNames(run.session, this.names, query);
    if (known === undefined) return undefined;
    const byType = known.types.length === 1 ? [] : searchesByType(query, known);
    const names =
      known.types.length === 1
        ? known
        : known.ofTypes(byType.flatMap((one) => [...one.names.typeNames.values()]));
    const parts = filterParts(query, names);
    if (parts === undefined) return undefined;
    return {
      names,
      run,
      text: run.text,
      deadline: run.deadline,
      byType,
      parts,
      order: pageOrder(query, names),
    };
  }

  private rowCounts(prepared: Prepared): RowCounts {
    const { run } = prepared;
    const limit = this.option(run.session, 'gatherLimit');
    const count = async (candidates: readonly (readonly RowSource[])[]): Promise<readonly number[]> => {
      const rows = await this.counts.of(candidates, limit, prepared, run);
      run.trace?.counted(candidates, rows, limit);
      return rows;
    };
    return { limit, sortFrom: this.option(run.session, 'sortFrom'), count };
  }

  private async driver(prepared: Prepared): Promise<Driver> {
    const { run } = prepared;
    const counts = this.rowCounts(prepared);
    const driver = await chooseDriver(await planLinks(prepared.parts, counts), prepared.order, counts);
    if (run.trace !== null) run.trace.driver = driver.kind;
    const { byType } = prepared;
    return driver.kind === 'walk' && byType.length > 1 ? { ...driver, byType } : driver;
  }

  /**
   * A page in the order of values, where no condition is rare: found by the index of the values from where it starts.
   * Undefined: the order is none of an index, or not so many matches with a value are left, or they are far apart.
   */
  private async nearStart(
    driver: Driver,
    prepared: Prepared,
    { after, before, count }: SearchQuery,
  ): Promise<readonly SqlRow[] | undefined> {
    const { run, order, parts } = prepared;
    const isRare = driver.kind === 'gather' && driver.unselective !== true;
    if (order.byValue === undefined || isRare) return undefined;
    const search = edgeStatement(order.byValue, parts, count + 1, prepared);
    const [edge] = (await run.rowsWithin(this.option(run.session, 'edgeTime'), 'edge', search)) ?? [];
    if (edge === undefined) return undefined;
    const near = rangeDriver(order.byValue, parts, edge);
    const rows = await run.rows('page', pageStatement(near, order, before ?? after, count + 1, prepared));
    return rows.length > count ? rows : undefined;
  }

  private option(session: SqlSession, name: keyof SqlSearchOptions): number {
    return this.options[name] ?? defaults[session.dialect][name];
  }

  private async included(
    run: StatementRun,
    query: SearchQuery,
    matches: readonly StoredResource[],
  ): Promise<Included> {
    if (query.includes === undefined || matches.length === 0) return nothingIncluded;
    const limit = this.option(run.session, 'includedResources');
    return new IncludedResources(run, this.names, query, limit).of(matches);
  }
}

/** @param more whether there are matches beyond those shown, in the direction in which the page was read */
function neighbours(
  { after, before }: SearchQuery,
  order: PageOrder,
  shown: readonly SqlRow[],
  more: boolean,
): Pick<SearchPage, 'next' | 'previous'> {
  const first = shown[0] && order.position(shown[0]);
  const last = shown.at(-1);
  const end = last && order.position(last);
  if (before !== undefined)
    return { previous: more ? (first ?? null) : null, next: end ?? order.pastOf(before) };
  const start = after === undefined ? null : (first ?? order.pastOf(after));
  return { previous: start, next: more ? (end ?? null) : null };
}

const nothingIncluded: Included = { resources: [], cut: [] };

async function askedTotal(
  driver: Driver,
  prepared: Prepared,
  asked: SearchQuery['total'],
): Promise<number | null> {
  if (asked === 'none') return null;
  if (asked === 'accurate') return total(driver, prepared, null);
  const counted = await total(driver, prepared, ESTIMATE_LIMIT);
  return counted < ESTIMATE_LIMIT ? counted : null;
}

async function total(driver: Driver, prepared: Prepared, limit: number | null): Promise<number> {
  const [row] = await prepared.run.rows('total', totalStatement(driver, limit, prepared));
  return Number(row?.total);
}

const emptyPage: SearchPage = { matches: [], included: [], cut: [], next: null, previous: null, total: 0 };

/** Undefined: nothing can match. */
function filterParts(query: SearchQuery, names: SearchNames): readonly Predicate[] | undefined {
  if (names.types.length === 0) return undefined;
  const predicate = compileFilter(query, names);
  if (predicate.kind === 'constant') return predicate.value ? [] : undefined;
  return predicate.kind === 'all' ? predicate.parts : [predicate];
}

/** Only types that can have a match. */
function searchesByType(query: SearchQuery, names: SearchNames): readonly SearchOfType[] {
  return [...names.typeNames.values()].flatMap((type): SearchOfType[] => {
    const own = names.ofTypes([type]);
    const parts = filterParts(query, own);
    return parts === undefined ? [] : [{ names: own, parts }];
  });
}

function identityOf(row: SqlRow, names: SearchNames): ResourceIdentity {
  return { type: names.typeNames.get(Number(row.type)) ?? '', id: keyText(row.id) };
}

function resourceOf(row: SqlRow, names: SearchNames): StoredResource {
  return {
    type: names.typeNames.get(Number(row.type)) ?? '',
    id: keyText(row.id),
    rid: Number(row.rid),
    version: Number(row.version),
    lastUpdated: Number(row.last_updated),
    deleted: false,
    content: row.content as Buffer,
  };
}
