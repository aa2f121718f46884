import type { SearchExpression } from '../../../search/query.js';
import { keys, tables } from '../keys.js';
import { allOf, isOneOf, sql } from './fragment.js';
import type { Fragment } from './fragment.js';
import type { Condition, RowCondition } from './row-condition.js';
import type { SearchNames } from './search-names.js';

type LastUpdated = SearchExpression & { readonly kind: 'last-updated' };

/** The current rows of the types searched. */
export function ofTypes(names: SearchNames): Condition {
  return (alias) =>
    allOf([
      sql(`${alias}.repository = ?`, names.repository),
      isOneOf(`${alias}.type`, names.types),
      sql(`${alias}.deleted = 0`),
    ]);
}

/** Source: FHIR R4 search.html#id. */
export function idRows(ids: readonly string[], names: SearchNames): RowCondition {
  return resourceRows(
    names,
    (alias) => isOneOf(`${alias}.id`, [...new Set(ids)]),
    keys.resourceIdentity,
    true,
  );
}

/** Source: FHIR R4 search.html#lastUpdated. */
export function lastUpdatedRows(test: LastUpdated, names: SearchNames): RowCondition {
  return resourceRows(
    names,
    (alias) => lastUpdatedSql(alias, test),
    keys.resourceUpdated,
    test.prefix !== 'ne',
  );
}

/** The types alone. */
export function typeRows(names: SearchNames): RowCondition {
  return resourceRows(names, undefined, keys.resourceOrder, false);
}

function resourceRows(
  names: SearchNames,
  test: Condition | undefined,
  key: string,
  bounded: boolean,
): RowCondition {
  const where: Condition = (alias) =>
    allOf([ofTypes(names)(alias), ...(test === undefined ? [] : [test(alias)])]);
  const table = tables.resource;
  return {
    table,
    where,
    probe: 'primary',
    sources: [{ table, where, key, inOrder: false, unique: true, bounded }],
  };
}

/** The time of a version is a point, so a range overlaps it or not. */
function lastUpdatedSql(a: string, { prefix, low, high }: LastUpdated): Fragment {
  const column = `${a}.last_updated`;
  switch (prefix) {
    case 'eq':
    case 'ap':
      return sql(`${column} >= ? AND ${column} <= ?`, low, high);
    case 'ne':
      return sql(`(${column} < ? OR ${column} > ?)`, low, high);
    case 'gt':
    case 'sa':
      return sql(`${column} > ?`, high);
    case 'lt':
    case 'eb':
      return sql(`${column} < ?`, low);
    case 'ge':
      return sql(`${column} >= ?`, low);
    case 'le':
      return sql(`${column} <= ?`, high);
    case 'co':
      return sql(`${column} <= ? AND ${column} >= ?`, low, high);
  }
}
