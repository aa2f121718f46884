import type { CompositeTest, SimpleTest } from '../../../search/query.js';
import { isWholeString, prefixRange, stringKey, tables, uriKey } from '../keys.js';
import { dateSql } from './date.rows.js';
import { allOf, anyOf, sql } from './fragment.js';
import type { Fragment } from './fragment.js';
import { boundedPrefixes, numberSql, unitSql } from './quantity.rows.js';
import { targetOf } from './reference.rows.js';
import type { RowCondition } from './row-condition.js';
import type { SearchNames } from './search-names.js';
import { singleTable } from './single-table.js';
import { codeSql, isOneKey } from './token.rows.js';

/** The condition on the columns of a component, for rows under an alias. */
type ComponentSql = (alias: string) => Fragment;

/**
 * Rows whose components all pass. The key holds the texts of the first two components and the number of the
 * second, so that a code with a range of values is one range of it. Source: FHIR R4 search.html#composite.
 *
 * @returns undefined: no row uses a system or type that is asked for, so nothing matches
 */
export function compositeRows(
  parameters: readonly number[],
  tests: readonly CompositeTest[],
  names: SearchNames,
): RowCondition | undefined {
  const known = tests.flatMap((test): { test: CompositeTest; components: ComponentSql[] }[] => {
    const components = test.components.map((component, n) => componentSql(component, n + 1, names));
    const found = components.filter((component) => component !== undefined);
    return found.length === components.length ? [{ test, components: found }] : [];
  });
  const [first] = known;
  if (first === undefined) return undefined;
  const inOrder = known.length === 1 && parameters.length === 1 && hasFixedKey(first.test);
  return singleTable(tables.composite, parameters, {
    where: (alias) =>
      anyOf(known.map(({ components }) => allOf(components.map((component) => component(alias))))),
    probe: inOrder ? 'primary' : 'by-resource',
    inOrder,
    unique: false,
    bounded: known.every(({ test }) => isBounded(test)),
  });
}

/** Undefined: no row uses the system or type. */
function componentSql(test: SimpleTest, n: number, names: SearchNames): ComponentSql | undefined {
  switch (test.type) {
    case 'token':
      return withoutNumber(n, tokenSql(test, n, names));
    case 'string':
      return withoutNumber(n, (a) => textSql(`${a}.text${n}`, test));
    case 'uri':
      return withoutNumber(n, (a) => sql(`${a}.text${n} = ?`, uriKey(test.uri)));
    case 'reference':
      return withoutNumber(n, referenceSql(test, n, names));
    case 'date':
      return withoutText(n, (a) => dateSql({ low: valueColumn(a, n), high: `${a}.high${n}` }, test));
    case 'number':
      return withoutText(n, (a) => numberSql(numberColumns(a, n), test));
    case 'quantity': {
      const system = systemOf(test.system, names);
      if (system === null) return undefined;
      const { code } = test;
      return withoutText(n, (a) =>
        allOf([
          numberSql(numberColumns(a, n), test),
          ...(system === undefined ? [] : [sql(`${a}.system${n} = ?`, system)]),
          ...(code === undefined
            ? []
            : [unitSql({ code: `${a}.unit${n}`, printed: `${a}.printed${n}` }, code, system)]),
        ]),
      );
    }
  }
}

/** Says what the key has where a component is no number, so that what follows in it is one range. */
function withoutNumber(n: number, condition: ComponentSql | undefined): ComponentSql | undefined {
  if (n !== 2 || condition === undefined) return condition;
  return (alias) => allOf([condition(alias), sql(`${alias}.value2 = 0`)]);
}

/** Likewise for a number, whose text is empty. */
function withoutText(n: number, condition: ComponentSql): ComponentSql {
  return n === 3 ? condition : (alias) => allOf([sql(`${alias}.text${n} = ''`), condition(alias)]);
}

/** The second component's number is part of the key; a date has its start there. */
const valueColumn = (alias: string, n: number): string => `${alias}.value${n}`;

function numberColumns(alias: string, n: number): { value: string; low: string; high: string } {
  return { value: valueColumn(alias, n), low: `${alias}.low${n}`, high: `${alias}.high${n}` };
}

function tokenSql(
  { system: uri, code }: SimpleTest & { readonly type: 'token' },
  n: number,
  names: SearchNames,
): ComponentSql | undefined {
  const system = systemOf(uri, names);
  if (system === null) return undefined;
  const bit = 2 ** (n - 1);
  return (a) =>
    allOf([
      ...(code === undefined ? [] : [codeSql(`${a}.text${n}`, `(${a}.folded & ${bit}) / ${bit}`, code)]),
      ...(system === undefined ? [] : [sql(`${a}.system${n} = ?`, system)]),
    ]);
}

function textSql(column: string, { match, text }: SimpleTest & { readonly type: 'string' }): Fragment {
  if (match !== 'starts' || !isWholeString(text))
    throw new Error('A composite compares the start of short texts.');
  const { from, to } = prefixRange(stringKey(text));
  return sql(`(${column} >= ? AND ${column} < ?)`, from, to);
}

function referenceSql(
  test: SimpleTest & { readonly type: 'reference' },
  n: number,
  names: SearchNames,
): ComponentSql | undefined {
  const target = targetOf(test, names);
  if (target === undefined) return undefined;
  const { key, type } = target;
  return (a) =>
    allOf([
      sql(`${a}.text${n} = ?`, key),
      type === undefined ? sql(`${a}.system${n} <> 0`) : sql(`${a}.system${n} = ?`, type),
    ]);
}

/** Undefined: any; null: no row uses it. */
function systemOf(uri: string | null | undefined, names: SearchNames): number | undefined | null {
  if (uri === undefined) return undefined;
  return uri === null ? 0 : (names.system(uri) ?? null);
}

/** Whether all rows of the test have the same key up to `rid`. */
function hasFixedKey({ components }: CompositeTest): boolean {
  const [first, second] = components;
  return first !== undefined && second !== undefined && hasFixedText(first) && hasFixedText(second);
}

function hasFixedText(test: SimpleTest): boolean {
  if (test.type === 'token') return isOneKey(test.code);
  return test.type === 'uri' || test.type === 'reference';
}

/** Whether the key bounds what is read: both texts, or a text and a range of numbers. */
function isBounded({ components: [first, second] }: CompositeTest): boolean {
  return first !== undefined && isBoundedBySelf(first) && (second === undefined || isBoundedBySelf(second));
}

function isBoundedBySelf(test: SimpleTest): boolean {
  switch (test.type) {
    case 'token':
      return test.code !== undefined;
    case 'number':
    case 'quantity':
      return boundedPrefixes.has(test.prefix);
    case 'date':
      return ['eq', 'sa', 'eb', 'lt', 'le'].includes(test.prefix);
    default:
      return true;
  }
}
