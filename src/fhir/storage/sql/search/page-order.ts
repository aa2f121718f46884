import { FirekeepError } from '../../../../platform/errors/index.js';
import type { SqlRow } from '../../../../platform/database/index.js';
import type { SearchQuery, SortKey } from '../../../search/query.js';
import { keys, keyText } from '../keys.js';
import { allOf, anyOf, compose, sql } from './fragment.js';
import type { Fragment } from './fragment.js';
import type { SearchNames } from './search-names.js';
import { sortValueSql } from './sort-value.js';

export type Position = readonly (string | number)[];

/**
 * The order of a search's matches, and how a page starts behind a position of it. The driving table of the
 * statement has the alias `d`; what is computed from it is selected as `k0`, `k1`, ….
 */
export interface PageOrder {
  /** The key of `resource` that lies in this order; undefined: none does. */
  readonly walkKey: string | undefined;
  /** Whether an index table read in the order of `rid` lies in this order. */
  readonly isByRid: boolean;
  /** Whether `d` must be the table `resource`. */
  readonly needsResource: boolean;
  /** What the matches are sorted by, beside `rid`. */
  readonly columns: readonly Fragment[];
  /** True: `after` and the sort are of the selected columns, so that a level of the statement lies between. */
  readonly isComputed: boolean;
  /** Sort terms of the columns `k0`, … and `rid` of this alias. */
  orderBy(alias: string): string;
  /** Sort terms of the driving table where nothing is computed. */
  readonly driverOrder: string;
  /** What lies behind the position: of `d`, or of the alias `v` where computed. */
  after(position: Position): Fragment;
  position(row: SqlRow): Position;
}

/**
 * Without `_sort`: the newest resources first, by when each was created. Unlike `_lastUpdated` this does not
 * change when a resource is updated, so that no match moves while pages are read.
 */
const byRid: PageOrder = {
  walkKey: keys.resourceOrder,
  isByRid: true,
  needsResource: false,
  columns: [],
  isComputed: false,
  orderBy: (alias) => `${alias}.rid DESC`,
  driverOrder: 'd.rid DESC',
  after: (position) => {
    const [rid = 0] = read(position, 'rid', ['number']);
    return sql('d.rid < ?', rid);
  },
  position: (row) => ['rid', Number(row.rid)],
};

function byColumn(column: 'id' | 'last_updated', descending: boolean): PageOrder {
  const [sign, direction] = descending ? ['<', 'DESC'] : ['>', 'ASC'];
  const isId = column === 'id';
  const tag = `${column}${sign}`;
  return {
    walkKey: isId ? keys.resourceIdentity : keys.resourceUpdated,
    isByRid: false,
    needsResource: true,
    columns: [sql(`d.${column}`)],
    isComputed: false,
    orderBy: (alias) => `${alias}.k0 ${direction}, ${alias}.rid ${direction}`,
    driverOrder: `d.${column} ${direction}, d.rid ${direction}`,
    after: (position) => {
      const [value = 0, rid = 0] = read(position, tag, [isId ? 'string' : 'number', 'number']);
      // One range of the key; a comparison of rows would scan it.
      return sql(`d.${column} ${sign}= ? AND (d.${column} ${sign} ? OR d.rid ${sign} ?)`, value, value, rid);
    },
    position: (row) => [tag, isId ? keyText(row.k0) : Number(row.k0), Number(row.rid)],
  };
}

/** Resources without a value come last, whichever the direction. Source: FHIR R4 search.html#sort. */
function byValues(sort: readonly SortKey[], names: SearchNames): PageOrder {
  const orderBy = (alias: string): string =>
    [
      ...sort.map(({ descending }, n) => {
        const column = `${alias}.k${n}`;
        return `${column} IS NULL, ${column} ${descending ? 'DESC' : 'ASC'}`;
      }),
      `${alias}.rid DESC`,
    ].join(', ');
  return {
    walkKey: undefined,
    isByRid: false,
    needsResource: false,
    columns: sort.map((key) => sortValueSql(key, names)),
    isComputed: true,
    orderBy,
    driverOrder: '',
    after: (position) => afterValues(sort, position),
    position: (row) => ['values', ...sort.flatMap((_, n) => mark(row[`k${n}`])), Number(row.rid)],
  };
}

/** A value as two parts of a position, since null has no place in one. */
function mark(value: unknown): readonly [string, string | number] {
  if (value === null || value === undefined) return ['-', 0];
  return typeof value === 'number' ? ['#', value] : ['$', keyText(value)];
}

function afterValues(sort: readonly SortKey[], position: Position): Fragment {
  const kinds = sort.flatMap(() => ['string', 'any'] as const);
  const parts = read(position, 'values', [...kinds, 'number']);
  const alternatives: Fragment[] = [];
  const equal: Fragment[] = [];
  sort.forEach(({ descending }, n) => {
    const column = `v.k${n}`;
    const value = parts[2 * n + 1] ?? null;
    if (parts[2 * n] === '-') {
      equal.push(sql(`${column} IS NULL`));
      return;
    }
    const behind = sql(`(${column} ${descending ? '<' : '>'} ? OR ${column} IS NULL)`, value);
    alternatives.push(compose('(#)', allOf([...equal, behind])));
    equal.push(sql(`${column} = ?`, value));
  });
  alternatives.push(compose('(#)', allOf([...equal, sql('v.rid < ?', parts.at(-1) ?? null)])));
  return anyOf(alternatives);
}

/** The parts of a position behind its tag. */
function read(
  position: Position,
  tag: string,
  kinds: readonly ('string' | 'number' | 'any')[],
): (string | number)[] {
  const [found, ...parts] = position;
  const fits =
    parts.length === kinds.length && kinds.every((kind, n) => kind === 'any' || typeof parts[n] === kind);
  if (found !== tag || !fits) {
    throw new FirekeepError(
      'invalid',
      'FHIR_SEARCH_PAGE_INVALID',
      'The page link belongs to another search. Follow links as they are, or start from the first page.',
    );
  }
  return parts;
}

export function pageOrder(query: SearchQuery, names: SearchNames): PageOrder {
  const [first] = query.sort;
  if (first === undefined) return byRid;
  if (query.sort.length === 1) {
    if (first.type === 'id') return byColumn('id', first.descending);
    if (first.type === 'last-updated') return byColumn('last_updated', first.descending);
  }
  return byValues(query.sort, names);
}
