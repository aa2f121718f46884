import { openCode } from '../../../search/derived-values.js';
import type {
  ParameterExpression,
  ParameterTest,
  SearchedType,
  SearchExpression,
  SearchQuery,
} from '../../../search/query.js';
import { TERMS } from '../../../search/text/text-index.js';
import { tables } from '../keys.js';
import { compositeRows } from './composite.rows.js';
import { dateRows } from './date.rows.js';
import { positionRows } from './position.rows.js';
import { all, any, linked, never, not } from './predicate.js';
import type { Predicate } from './predicate.js';
import { numberRows, quantityRows } from './quantity.rows.js';
import { referenceRows } from './reference.rows.js';
import { idRows, lastUpdatedRows, typeRows } from './resource.rows.js';
import { allOf, compose, sql } from './fragment.js';
import type { Condition, RowCondition } from './row-condition.js';
import type { SearchNames } from './search-names.js';
import { singleTable } from './single-table.js';
import { stringRows } from './string.rows.js';
import { compileWords } from './term.rows.js';
import { tokenRows } from './token.rows.js';
import { uriRows } from './uri.rows.js';

/** Everything that a search asks for. */
export function compileFilter({ filter, single = [] }: SearchQuery, names: SearchNames): Predicate {
  const isSingle = (one: SearchExpression): boolean =>
    one.kind === 'parameter' && one.type === 'date' && single.includes(one.code);
  return all([
    ...single.map((code) => rows(singleDateRows(code, filter, names))),
    ...filter.filter((one) => !isSingle(one)).map((one) => compileExpression(one, names)),
  ]);
}

/** All that is asked of a date of which a resource has one value at the most, of one row. */
function singleDateRows(
  code: string,
  filter: readonly SearchExpression[],
  names: SearchNames,
): RowCondition | undefined {
  const parameters = names.parameters(code);
  const groups = filter.flatMap((one) =>
    one.kind === 'parameter' && one.type === 'date' && one.code === code ? [dateTests(one)] : [],
  );
  return parameters.length === 0 ? undefined : dateRows(parameters, groups);
}

function dateTests({ anyOf }: ParameterExpression): TestOf<'date'>[] {
  return anyOf.filter((test): test is TestOf<'date'> => test.type === 'date');
}

/** A search expression with names replaced by their numbers and what can't match folded away. */
export function compileExpression(expression: SearchExpression, names: SearchNames): Predicate {
  switch (expression.kind) {
    case 'and':
      return all(expression.operands.map((operand) => compileExpression(operand, names)));
    case 'or':
      return any(expression.operands.map((operand) => compileExpression(operand, names)));
    case 'not':
      return not(compileExpression(expression.operand, names));
    case 'of-type':
      return compileOfType(expression, names);
    case 'lookup':
      throw new Error('Lookups are resolved before a search.');
    case 'id':
      return expression.ids.length === 0 ? never : rows(idRows(expression.ids, names));
    case 'last-updated':
      return rows(lastUpdatedRows(expression, names));
    case 'present':
      return rows(presentRows(names.parameters(expression.code), expression.type));
    case 'parameter':
      return rows(
        expression.except === true ? exceptRows(expression, names) : parameterRows(expression, names),
      );
    case 'words':
      return compileWords(expression, names.parameters(TERMS));
    case 'near':
      return rows(positionRows(names.parameters(expression.code), expression.circles));
    case 'chain':
      return compileChain(expression, names);
    case 'has':
      return compileHas(expression, names);
  }
}

function compileOfType(
  { types, operand }: SearchExpression & { readonly kind: 'of-type' },
  names: SearchNames,
): Predicate {
  const searched = [...names.typeNames.values()];
  const restricted = names.ofTypes(searched.filter((type) => types.includes(type)));
  if (restricted.types.length === 0) return never;
  const predicate = compileExpression(operand, restricted);
  if (restricted.types.length === names.types.length || isAnchored(predicate)) return predicate;
  return all([{ kind: 'rows', rows: typeRows(restricted) }, predicate]);
}

function compileChain(
  { code, targets, operand }: SearchExpression & { readonly kind: 'chain' },
  names: SearchNames,
): Predicate {
  const target = names.ofTypes(targets);
  const { repository, types } = target;
  const parameters = names.parameters(code);
  if (parameters.length === 0 || types.length === 0) return never;
  return linked({ direction: 'to', repository, parameters, types }, compileExpression(operand, target));
}

function compileHas(
  { type, code, operand }: SearchExpression & { readonly kind: 'has' },
  names: SearchNames,
): Predicate {
  const referrer = names.ofTypes([type]);
  const { repository, types } = names;
  const [parameter] = referrer.parameters(code);
  if (parameter === undefined) return never;
  return linked({ direction: 'from', repository, parameter, types }, compileExpression(operand, referrer));
}

/** Whether only resources of the types that it was compiled for fulfil it: every row belongs to one of them. */
function isAnchored(predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'rows':
    case 'linked':
      return true;
    case 'all':
      return predicate.parts.some(isAnchored);
    case 'any':
      return predicate.parts.every(isAnchored);
    case 'not':
      return false;
    case 'constant':
      return !predicate.value;
  }
}

function rows(condition: RowCondition | undefined): Predicate {
  return condition === undefined ? never : { kind: 'rows', rows: condition };
}

type TestOf<T extends SearchedType> = ParameterTest & { readonly type: T };

function parameterRows(expression: ParameterExpression, names: SearchNames): RowCondition | undefined {
  const parameters = names.parameters(expression.code);
  if (parameters.length === 0) return undefined;
  const tests = <T extends SearchedType>(type: T): TestOf<T>[] =>
    expression.anyOf.filter((test): test is TestOf<T> => test.type === type);
  if (expression.anyOf.length === 0 || tests(expression.type).length === 0) return undefined;
  switch (expression.type) {
    case 'token':
      return tokenRows(parameters, tests('token'), names);
    case 'string':
      return stringRows(parameters, tests('string'));
    case 'date':
      return dateRows(parameters, [tests('date')]);
    case 'number':
      return numberRows({ parameters, open: names.parameters(openCode(expression.code)) }, tests('number'));
    case 'quantity':
      return quantityRows(
        { parameters, open: names.parameters(openCode(expression.code)) },
        tests('quantity'),
        names,
      );
    case 'reference':
      return referenceRows(parameters, tests('reference'), names);
    case 'uri':
      return uriRows(parameters, tests('uri'));
    case 'composite':
      return compositeRows(parameters, tests('composite'), names);
  }
}

/** Rows that are there and that none of the tests is about. */
function exceptRows(expression: ParameterExpression, names: SearchNames): RowCondition | undefined {
  const parameters = names.parameters(expression.code);
  if (parameters.length === 0) return undefined;
  const { type } = expression;
  const equal = parameterRows(expression, names);
  const where: Condition = (alias) =>
    allOf([
      ...(type === 'token' ? [sql(`(${alias}.code <> '' OR ${alias}.system_id <> 0)`)] : []),
      ...(equal === undefined ? [] : [compose('NOT (#)', equal.where(alias))]),
    ]);
  return singleTable(tableOf[type], parameters, {
    where,
    probe: 'by-resource',
    inOrder: false,
    unique: false,
    bounded: false,
  });
}

const tableOf: Readonly<Record<SearchedType | 'position', string>> = {
  position: tables.position,
  token: tables.token,
  string: tables.string,
  date: tables.date,
  number: tables.quantity,
  quantity: tables.quantity,
  reference: tables.reference,
  uri: tables.uri,
  composite: tables.composite,
};

function presentRows(
  parameters: readonly number[],
  type: SearchedType | 'position',
): RowCondition | undefined {
  if (parameters.length === 0) return undefined;
  return singleTable(tableOf[type], parameters, {
    probe: 'by-resource',
    inOrder: false,
    unique: false,
    bounded: false,
  });
}
