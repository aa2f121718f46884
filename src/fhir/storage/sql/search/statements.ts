import { exactDouble, tables } from '../keys.js';
import { allOf, compose, join, sql } from './fragment.js';
import type { Fragment } from './fragment.js';
import type { Driver } from './driver.js';
import type { PageOrder, Position } from './page-order.js';
import { predicateSql } from './predicate.js';
import { ofTypes } from './resource.rows.js';
import type { RowSource } from './row-condition.js';
import type { SearchNames } from './search-names.js';
import type { SqlText } from './sql-text.js';
import type { StatementContext } from './statement-context.js';

/** Number of rows of a condition, each of its sources counted up to a limit. */
export function countColumn(
  sources: readonly RowSource[],
  limit: number,
  context: StatementContext,
): Fragment {
  const count = (source: RowSource): Fragment =>
    compose(`(SELECT COUNT(*) FROM (SELECT 1 FROM # LIMIT ${limit}) c)`, sourceRows(source, 'i', context));
  return join(sources.map(count), ' + ');
}

/** What `countColumn` gave, as `c0`, `c1`, …. */
export function countsStatement(columns: readonly Fragment[]): Fragment {
  return compose(
    'SELECT #',
    join(
      columns.map((column, n) => compose(`# AS c${n}`, column)),
      ', ',
    ),
  );
}

/** Matches beyond a position with their bodies, in order, at most `limit`. */
export function pageStatement(
  driver: Driver,
  order: PageOrder,
  from: Position | undefined,
  limit: number,
  context: StatementContext,
): Fragment {
  const page = order.isComputed
    ? computedPage(driver, order, from, limit, context)
    : plainPage(driver, order, from, limit, context);
  return withBodies(page, order, context);
}

/** As `pageStatement`, of the matches of several searches that have none in common. At least one. */
export function unitedPageStatement(
  searches: readonly { readonly driver: Driver; readonly names: SearchNames }[],
  order: PageOrder,
  from: Position | undefined,
  limit: number,
  context: StatementContext,
): Fragment {
  const each = searches.map(({ driver, names }) =>
    plainPage(driver, order, from, limit, { ...context, names }),
  );
  return withBodies(merged(each, order, limit), order, context);
}

function withBodies(page: Fragment, order: PageOrder, context: StatementContext): Fragment {
  const { dialect } = context.text;
  const column = (n: number): string => (order.doubles.has(n) ? exactDouble(dialect, `m.k${n}`) : `m.k${n}`);
  const columns = order.columns.map((_, n) => `, ${column(n)} AS k${n}`).join('');
  return compose(
    'SELECT r.rid AS rid, r.type AS type, r.id AS id, r.version AS version, r.last_updated AS last_updated, ' +
      `r.content AS content${columns} FROM (#) m ${context.text.join} ${tables.resource} r ON r.rid = m.rid ` +
      `ORDER BY ${order.orderBy('m')}`,
    page,
  );
}

/** The first of several pages that are in order. */
function merged(pages: readonly Fragment[], order: PageOrder, limit: number): Fragment {
  const [only] = pages;
  if (only !== undefined && pages.length === 1) return only;
  const each = pages.map((page) => compose('SELECT u.* FROM (#) u', page));
  return compose(
    `SELECT v.* FROM (#) v ORDER BY ${order.orderBy('v')} LIMIT ?`,
    join(each, ' UNION ALL '),
    sql('', limit),
  );
}

/** Types and ids of the first `limit` matches, in no order. */
export function identitiesStatement(driver: Driver, limit: number, context: StatementContext): Fragment {
  return compose(
    `SELECT r.type AS type, r.id AS id FROM (#) m ${context.text.join} ${tables.resource} r ON r.rid = m.rid`,
    compose('# LIMIT ?', matches(driver, [], [], context), sql('', limit)),
  );
}

/** `SELECT … AS rid` of all matches, each once. */
export function matchedRids(driver: Driver, context: StatementContext): Fragment {
  return matches(driver, [], [], context);
}

/** Number of all matches, as `total`. With a limit, counting stops there. */
export function totalStatement(driver: Driver, limit: number | null, context: StatementContext): Fragment {
  const all = matches(driver, [], [], context);
  return compose(
    'SELECT COUNT(*) AS total FROM (#) m',
    limit === null ? all : compose('# LIMIT ?', all, sql('', limit)),
  );
}

function plainPage(
  driver: Driver,
  order: PageOrder,
  from: Position | undefined,
  limit: number,
  context: StatementContext,
): Fragment {
  if (driver.kind === 'walk' && driver.byType !== undefined) {
    // No key lies in the order of the page over several types: the first of each are merged.
    const each = driver.byType.map(({ names, parts }) =>
      plainPage({ kind: 'walk', rest: parts }, order, from, limit, { ...context, names }),
    );
    return merged(each, order, limit);
  }
  const behind = from === undefined ? [] : [order.beyond(from)];
  return compose(
    `# ORDER BY ${order.driverOrder} LIMIT ?`,
    matches(driver, order.columns, behind, context, order),
    sql('', limit),
  );
}

function computedPage(
  driver: Driver,
  order: PageOrder,
  from: Position | undefined,
  limit: number,
  context: StatementContext,
): Fragment {
  return compose(
    `SELECT v.* FROM (#) v WHERE # ORDER BY ${order.orderBy('v')} LIMIT ?`,
    matches(driver, order.columns, [], context, order),
    from === undefined ? allOf([]) : order.beyond(from),
    sql('', limit),
  );
}

/** `SELECT d.rid, …`: each match once. */
function matches(
  driver: Driver,
  columns: readonly Fragment[],
  conditions: readonly Fragment[],
  context: StatementContext,
  order?: PageOrder,
): Fragment {
  const { names, text, deadline } = context;
  const rest = driver.rest.map((part) => predicateSql(part, 'd.rid', context));
  const stop = deadline === null ? [] : [rest.length === 0 ? deadline.ofRows('d') : deadline.ofTested('d')];
  const selected = join(
    [sql('d.rid AS rid'), ...columns.map((column, n) => compose(`# AS k${n}`, column))],
    ', ',
  );
  const select = (from: Fragment, ...where: readonly Fragment[]): Fragment =>
    compose('SELECT # FROM # WHERE #', selected, from, allOf([...stop, ...where, ...conditions, ...rest]));
  switch (driver.kind) {
    case 'walk': {
      const key = order?.walkKey === undefined ? '' : text.useKey(order.walkKey);
      return select(sql(`${tables.resource} d${key}`), ofTypes(names)('d'));
    }
    case 'stream': {
      const { source } = driver;
      const once = source.unique ? '#' : '# GROUP BY d.rid';
      return compose(once, select(sql(`${source.table} d${text.usePrimary}`), source.where('d')));
    }
    case 'gather': {
      const gathered = gatheredRids(driver.sources, context);
      if (order?.isByRid === true && driver.sortedFirst) return select(...sortedFirst(gathered, text));
      if (order?.needsResource !== true) return select(compose('(#) d', gathered));
      const joined = compose(`(#) g ${text.join} ${tables.resource} d ON d.rid = g.rid`, gathered);
      return select(joined);
    }
  }
}

/**
 * What stands behind FROM, and conditions, of resources that are tested in the order of `rid` until the page is full.
 * MySQL sorts by the first table of a join where it can, before it reads the second, on whose rows the conditions are
 * tested. SQLite keeps a list of IN in order.
 */
function sortedFirst(gathered: Fragment, text: SqlText): [from: Fragment, ...where: Fragment[]] {
  const resources = `${tables.resource} d${text.usePrimary}`;
  if (text.dialect === 'sqlite') return [sql(resources), compose('d.rid IN (#)', gathered)];
  return [compose(`(#) g ${text.join} ${resources} ON d.rid = g.rid`, gathered)];
}

/** The resources of the rows, each once. */
function gatheredRids(sources: readonly RowSource[], context: StatementContext): Fragment {
  const [only] = sources;
  const rids = (source: RowSource, distinct: string): Fragment =>
    compose(`SELECT ${distinct}i.rid AS rid FROM #`, sourceRows(source, 'i', context));
  if (sources.length === 1 && only !== undefined) return rids(only, only.unique ? '' : 'DISTINCT ');
  return join(
    sources.map((source) => rids(source, '')),
    ' UNION ',
  );
}

function sourceRows(source: RowSource, alias: string, context: StatementContext): Fragment {
  if ('linked' in source) return source.linked(alias, context);
  const { text, deadline } = context;
  const hint = source.key === undefined ? text.usePrimary : text.useKey(source.key);
  const where = source.where(alias);
  return compose(
    `${source.table} ${alias}${hint} WHERE #`,
    deadline === null ? where : allOf([deadline.ofRows(alias), where]),
  );
}
