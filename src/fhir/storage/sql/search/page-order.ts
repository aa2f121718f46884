import { FirekeepError } from '../../../../platform/errors/index.js';
import type { SqlRow } from '../../../../platform/database/index.js';
import type { SearchQuery, SortKey } from '../../../search/query.js';
import { keys, keyText } from '../keys.js';
import { allOf, anyOf, compose, sql } from './fragment.js';
import type { Fragment } from './fragment.js';
import type { SearchNames } from './search-names.js';
import { sortValueSql } from './sort-value.js';
import { valueOrder, type ValueOrder } from './value-order.js';

export type Position = readonly (string | number)[];

/**
 * The order in which a page is read, and how it starts beyond a position: that of the search, or the opposite for a
 * page that ends before a position. The driving table of the statement has the alias `d`; what is computed from it
 * is selected as `k0`, `k1`, ….
 */
export interface PageOrder {
  /** The key of `resource` that lies in this order; undefined: none does. */
  readonly walkKey: string | undefined;
  /** The order of an index table with which this one begins; undefined: none does. */
  readonly byValue?: ValueOrder | undefined;
  /** Whether an index table read in the order of `rid` lies in this order. */
  readonly isByRid: boolean;
  /** Whether `d` must be the table `resource`. */
  readonly needsResource: boolean;
  /** What the matches are sorted by, beside `rid`. */
  readonly columns: readonly Fragment[];
  /** Those of the columns that are doubles, by place. */
  readonly doubles: ReadonlySet<number>;
  /** True: `beyond` and the sort are of the selected columns, so that a level of the statement lies between. */
  readonly isComputed: boolean;
  /** Sort terms of the columns `k0`, … and `rid` of this alias. */
  orderBy(alias: string): string;
  /** Sort terms of the driving table where nothing is computed. */
  readonly driverOrder: string;
  /** What is read beyond the position: of `d`, or of the alias `v` where computed. */
  beyond(position: Position): Fragment;
  position(row: SqlRow): Position;
  /** A position from which, in the opposite order, the match of the given one is the first. */
  pastOf(position: Position): Position;
}

type Direction = 'ASC' | 'DESC';
const signOf = (direction: Direction): '<' | '>' => (direction === 'DESC' ? '<' : '>');
const turned = (descending: boolean, backwards: boolean): Direction =>
  descending === backwards ? 'ASC' : 'DESC';

/** The key of every position ends in `rid`, a whole number. */
function past(position: Position, direction: Direction): Position {
  const step = direction === 'DESC' ? -1 : 1;
  return [...position.slice(0, -1), Number(position.at(-1)) + step];
}

/**
 * Without `_sort`: the newest resources first, by when each was created. Unlike `_lastUpdated` this does not
 * change when a resource is updated, so that no match moves while pages are read.
 */
function byRid(backwards: boolean): PageOrder {
  const direction = turned(true, backwards);
  return {
    walkKey: keys.resourceOrder,
    isByRid: true,
    needsResource: false,
    columns: [],
    doubles: new Set(),
    isComputed: false,
    orderBy: (alias) => `${alias}.rid ${direction}`,
    driverOrder: `d.rid ${direction}`,
    beyond: (position) => {
      const [rid = 0] = read(position, 'rid', ['number']);
      return sql(`d.rid ${signOf(direction)} ?`, rid);
    },
    position: (row) => ['rid', Number(row.rid)],
    pastOf: (position) => past(position, direction),
  };
}

function byColumn(column: 'id' | 'last_updated', descending: boolean, backwards: boolean): PageOrder {
  const direction = turned(descending, backwards);
  const sign = signOf(direction);
  const isId = column === 'id';
  const tag = `${column}${descending ? '<' : '>'}`;
  return {
    walkKey: isId ? keys.resourceIdentity : keys.resourceUpdated,
    isByRid: false,
    needsResource: true,
    columns: [sql(`d.${column}`)],
    doubles: new Set(),
    isComputed: false,
    orderBy: (alias) => `${alias}.k0 ${direction}, ${alias}.rid ${direction}`,
    driverOrder: `d.${column} ${direction}, d.rid ${direction}`,
    beyond: (position) => {
      const [value = 0, rid = 0] = read(position, tag, [isId ? 'string' : 'number', 'number']);
      // One range of the key; a comparison of rows would scan it.
      return sql(`d.${column} ${sign}= ? AND (d.${column} ${sign} ? OR d.rid ${sign} ?)`, value, value, rid);
    },
    position: (row) => [tag, isId ? keyText(row.k0) : Number(row.k0), Number(row.rid)],
    pastOf: (position) => past(position, direction),
  };
}

/** Resources without a value come last, whichever the direction. Source: FHIR R4 search.html#sort. */
function byValues(sort: readonly SortKey[], names: SearchNames, backwards: boolean): PageOrder {
  const ridDirection = turned(true, backwards);
  const orderBy = (alias: string): string =>
    [
      ...sort.map(({ descending }, n) => {
        const column = `${alias}.k${n}`;
        return `${column} IS NULL${backwards ? ' DESC' : ''}, ${column} ${turned(descending, backwards)}`;
      }),
      `${alias}.rid ${ridDirection}`,
    ].join(', ');
  const doubles = new Set(
    sort.flatMap(({ type }, n) => (type === 'number' || type === 'quantity' ? [n] : [])),
  );
  return {
    walkKey: undefined,
    isByRid: false,
    needsResource: false,
    columns: sort.map((key) => sortValueSql(key, names)),
    doubles,
    isComputed: true,
    orderBy,
    driverOrder: '',
    beyond: (position) => beyondValues(sort, position, backwards),
    position: (row) => [
      'values',
      ...sort.flatMap((_, n) => mark(row[`k${n}`], doubles.has(n))),
      Number(row.rid),
    ],
    pastOf: (position) => past(position, ridDirection),
  };
}

/** A value as two parts of a position, since null has no place in one. */
function mark(value: unknown, isDouble: boolean): readonly [string, string | number] {
  if (value === null || value === undefined) return ['-', 0];
  if (typeof value === 'number') return ['#', value];
  return isDouble ? ['#', Number(keyText(value))] : ['$', keyText(value)];
}

function beyondValues(sort: readonly SortKey[], position: Position, backwards: boolean): Fragment {
  const kinds = sort.flatMap(() => ['string', 'any'] as const);
  const parts = read(position, 'values', [...kinds, 'number']);
  const alternatives: Fragment[] = [];
  const equal: Fragment[] = [];
  sort.forEach(({ descending }, n) => {
    const column = `v.k${n}`;
    const value = parts[2 * n] === '-' ? null : (parts[2 * n + 1] ?? null);
    const sign = signOf(turned(descending, backwards));
    const beyond = beyondValue(column, sign, value, backwards);
    if (beyond !== undefined) alternatives.push(compose('(#)', allOf([...equal, beyond])));
    equal.push(value === null ? sql(`${column} IS NULL`) : sql(`${column} = ?`, value));
  });
  const ridSign = signOf(turned(true, backwards));
  alternatives.push(compose('(#)', allOf([...equal, sql(`v.rid ${ridSign} ?`, parts.at(-1) ?? null)])));
  return anyOf(alternatives);
}

/** What has no value is beyond every value forwards, and before none; undefined: nothing is beyond. */
function beyondValue(
  column: string,
  sign: '<' | '>',
  value: string | number | null,
  backwards: boolean,
): Fragment | undefined {
  if (value === null) return backwards ? sql(`${column} IS NOT NULL`) : undefined;
  return backwards
    ? sql(`${column} ${sign} ?`, value)
    : sql(`(${column} ${sign} ? OR ${column} IS NULL)`, value);
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
  const { sort, before } = query;
  const [first] = sort;
  const backwards = before !== undefined;
  if (first === undefined) return byRid(backwards);
  if (sort.length === 1) {
    if (first.type === 'id') return byColumn('id', first.descending, backwards);
    if (first.type === 'last-updated') return byColumn('last_updated', first.descending, backwards);
  }
  return { ...byValues(sort, names, backwards), byValue: valueOrder(query, names) };
}
