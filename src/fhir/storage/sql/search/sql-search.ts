import {
  deadlineCondition,
  isStatementTimeout,
  type Dialect,
  type SqlRow,
  type SqlSession,
} from '../../../../platform/database/index.js';
import { restricted } from '../../../search/access-filter.js';
import type { SearchQuery } from '../../../search/query.js';
import type { ResourceIdentity, SearchPage, StoredResource } from '../../ports.js';
import { keyText, type InternedNames } from '../keys.js';
import type { SearchExecutor } from '../search-executor.js';
import { compileExpression } from './compile-expression.js';
import { chooseDriver } from './driver.js';
import type { Driver, SearchOfType } from './driver.js';
import { sql } from './fragment.js';
import type { Fragment } from './fragment.js';
import { planLinks } from './plan-links.js';
import { pageOrder } from './page-order.js';
import type { PageOrder } from './page-order.js';
import { all } from './predicate.js';
import type { Predicate } from './predicate.js';
import type { RowSource } from './row-condition.js';
import { resolveNames } from './search-names.js';
import type { SearchNames } from './search-names.js';
import { sqlText } from './sql-text.js';
import { tooCostly } from './statement-patience.js';
import { countRowsStatement, identitiesStatement, pageStatement, totalStatement } from './statements.js';
import type { StatementContext } from './statement-context.js';

export interface SqlSearchOptions {
  /** Milliseconds after which a search is stopped. */
  readonly timeout: number;
  /** The same for criteria, which are evaluated while writes wait. */
  readonly criteriaTimeout: number;
  /** Rows of a condition up to which they are gathered and sorted; beyond it matches are looked for in order. */
  readonly gatherLimit: number;
}

/** `gatherLimit` is three times the root of a million: there gathering and walking cost the same. */
const defaults: Readonly<Record<Dialect, SqlSearchOptions>> = {
  mysql: { timeout: 10_000, criteriaTimeout: 3_000, gatherLimit: 3000 },
  sqlite: { timeout: 3_000, criteriaTimeout: 2_000, gatherLimit: 3000 },
};

/** Up to this many matches an estimate is counted; beyond it none is given. */
const ESTIMATE_LIMIT = 100_000;

/** A query with its names looked up, ready for statements. */
interface Prepared extends StatementContext {
  readonly parts: readonly Predicate[];
  /** The search of each type by itself, where it is of several. */
  readonly byType: readonly SearchOfType[];
  readonly order: PageOrder;
  /** Milliseconds since the epoch at which the search is given up. */
  readonly until: number;
}

/**
 * Answers searches by SQL. Each condition of the query becomes a test of one resource; the one with the fewest
 * rows drives (docs/adr/0008). Without `_sort` the order is the newest created first. The matches of a page and
 * their bodies come from one statement, so that no body is returned that doesn't match.
 */
export class SqlSearch implements SearchExecutor {
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
    const prepared = await this.prepare(session, { ...query, sort: [] }, 'criteriaTimeout');
    if (prepared === undefined) return [];
    const driver = await this.driver(session, prepared);
    const rows = await this.query(session, identitiesStatement(driver, limit, prepared), prepared);
    return rows.map((row) => identityOf(row, prepared.names));
  }

  /**
   * One page of matches, with the position of the next. `total` is set where it is asked for, and where the
   * first page holds all matches. @throws FirekeepError 422 `FHIR_SEARCH_TOO_COSTLY`
   */
  async page(session: SqlSession, query: SearchQuery): Promise<SearchPage> {
    const prepared = await this.prepare(session, query, 'timeout');
    if (prepared === undefined) return emptyPage;
    const driver = await this.driver(session, prepared);
    if (query.count === 0) {
      return { ...emptyPage, total: await this.total(session, driver, prepared, null) };
    }
    const { order, names } = prepared;
    const statement = pageStatement(driver, order, query.after, query.count + 1, prepared);
    const rows = await this.query(session, statement, prepared);
    const shown = rows.slice(0, query.count);
    const last = shown.at(-1);
    const next = rows.length > query.count && last !== undefined ? order.position(last) : null;
    const isAll = next === null && query.after === undefined;
    return {
      matches: shown.map((row) => resourceOf(row, names)),
      included: [],
      next,
      total: isAll ? shown.length : await this.askedTotal(session, driver, prepared, query.total),
    };
  }

  private async prepare(
    session: SqlSession,
    asked: SearchQuery,
    patience: 'timeout' | 'criteriaTimeout',
  ): Promise<Prepared | undefined> {
    const query = restricted(asked);
    const known = await resolveNames(session, this.names, query);
    if (known === undefined) return undefined;
    const byType = known.types.length === 1 ? [] : searchesByType(query, known);
    const names =
      known.types.length === 1
        ? known
        : known.ofTypes(byType.flatMap((one) => [...one.names.typeNames.values()]));
    const parts = compileFilter(query, names);
    if (parts === undefined) return undefined;
    return {
      names,
      until: Date.now() + this.option(session, patience),
      text: sqlText(session.dialect),
      deadline: deadlineOf(session),
      byType,
      parts,
      order: pageOrder(query, names),
    };
  }

  private async driver(session: SqlSession, prepared: Prepared): Promise<Driver> {
    const limit = this.option(session, 'gatherLimit');
    const count = async (candidates: readonly (readonly RowSource[])[]): Promise<readonly number[]> => {
      const [row] = await this.query(session, countRowsStatement(candidates, limit, prepared), prepared);
      return candidates.map((_, n) => Number(row?.[`c${n}`]));
    };
    const counts = { limit, count };
    const driver = await chooseDriver(await planLinks(prepared.parts, counts), prepared.order, counts);
    const { byType } = prepared;
    return driver.kind === 'walk' && byType.length > 1 ? { ...driver, byType } : driver;
  }

  private async askedTotal(
    session: SqlSession,
    driver: Driver,
    prepared: Prepared,
    total: SearchQuery['total'],
  ): Promise<number | null> {
    if (total === 'none') return null;
    if (total === 'accurate') return this.total(session, driver, prepared, null);
    const counted = await this.total(session, driver, prepared, ESTIMATE_LIMIT);
    return counted < ESTIMATE_LIMIT ? counted : null;
  }

  private async total(
    session: SqlSession,
    driver: Driver,
    prepared: Prepared,
    limit: number | null,
  ): Promise<number> {
    const [row] = await this.query(session, totalStatement(driver, limit, prepared), prepared);
    return Number(row?.total);
  }

  private option(session: SqlSession, name: keyof SqlSearchOptions): number {
    return this.options[name] ?? defaults[session.dialect][name];
  }

  private async query(
    session: SqlSession,
    statement: Fragment,
    { until }: Pick<Prepared, 'until'>,
  ): Promise<SqlRow[]> {
    const left = Math.max(1, until - Date.now());
    try {
      return await session.query(statement.sql, statement.values, left);
    } catch (error) {
      throw isStatementTimeout(error) ? tooCostly(error) : error;
    }
  }
}

/** SQLite's statements carry a condition that looks at the clock. */
function deadlineOf({ dialect }: SqlSession): StatementContext['deadline'] {
  return dialect === 'sqlite' ? (alias) => sql(deadlineCondition(`${alias}.rid`)) : null;
}

const emptyPage: SearchPage = { matches: [], included: [], next: null, total: 0 };

/** Undefined: nothing can match. */
function compileFilter({ filter }: SearchQuery, names: SearchNames): readonly Predicate[] | undefined {
  if (names.types.length === 0) return undefined;
  const predicate = all(filter.map((expression) => compileExpression(expression, names)));
  if (predicate.kind === 'constant') return predicate.value ? [] : undefined;
  return predicate.kind === 'all' ? predicate.parts : [predicate];
}

/** Only types that can have a match. */
function searchesByType(query: SearchQuery, names: SearchNames): readonly SearchOfType[] {
  return [...names.typeNames.values()].flatMap((type): SearchOfType[] => {
    const own = names.ofTypes([type]);
    const parts = compileFilter(query, own);
    return parts === undefined ? [] : [{ names: own, parts }];
  });
}

function identityOf(row: SqlRow, names: SearchNames): ResourceIdentity {
  return { type: names.typeNames.get(Number(row.type)) ?? '', id: keyText(row.id) };
}

function resourceOf(row: SqlRow, names: SearchNames): StoredResource {
  return {
    ...identityOf(row, names),
    rid: Number(row.rid),
    version: Number(row.version),
    lastUpdated: Number(row.last_updated),
    deleted: false,
    content: row.content as Buffer,
  };
}
