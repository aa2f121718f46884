import type { SqlValue } from '../../../../platform/database/index.js';

/** A piece of SQL with the values of its placeholders, in order. Text of callers stands in values only. */
export interface Fragment {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

export function sql(text: string, ...values: readonly SqlValue[]): Fragment {
  return { sql: text, values };
}

/** Pieces in a row, with `separator` between them. */
export function join(parts: readonly Fragment[], separator: string): Fragment {
  let text = '';
  for (const [index, part] of parts.entries()) text += index === 0 ? part.sql : separator + part.sql;
  return { sql: text, values: valuesOf(parts) };
}

/**
 * A template whose holes take pieces: `compose('SELECT 1 FROM t WHERE # LIMIT 1', where)`. Behind them may stand one without
 * text, with the values of placeholders at the template's end.
 */
export function compose(template: string, ...parts: readonly Fragment[]): Fragment {
  let text = '';
  let start = 0;
  for (const part of parts) {
    const hole = template.indexOf('#', start);
    if (hole < 0 && part.sql === '') break;
    if (hole < 0) throw wrongTemplate(template);
    text += template.slice(start, hole) + part.sql;
    start = hole + 1;
  }
  // MySQL would take what stands behind a hole that is left for a comment.
  if (template.includes('#', start)) throw wrongTemplate(template);
  return { sql: text + template.slice(start), values: valuesOf(parts) };
}

function wrongTemplate(template: string): Error {
  return new Error(`As many pieces as holes, in: ${template}`);
}

function valuesOf(parts: readonly Fragment[]): readonly SqlValue[] {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only.values;
  const values: SqlValue[] = [];
  for (const part of parts) for (const value of part.values) values.push(value);
  return values;
}

export function allOf(parts: readonly Fragment[]): Fragment {
  return parts.length === 0 ? sql('1 = 1') : join(parts, ' AND ');
}

/**
 * Alternatives as a balanced tree, since SQLite bounds the depth of an expression. At least one part.
 */
export function anyOf(parts: readonly Fragment[]): Fragment {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  if (parts.length <= 8) return compose('(#)', join(parts, ' OR '));
  const half = Math.ceil(parts.length / 2);
  return compose('(# OR #)', anyOf(parts.slice(0, half)), anyOf(parts.slice(half)));
}

/** MariaDB turns a longer list into a table of its own and joins it, whatever the statement says of the plan. */
const LIST = 500;

/** `column = ?`, or `column IN (?, ?)` for several. */
export function isOneOf(column: string, values: readonly SqlValue[]): Fragment {
  if (values.length === 1) return sql(`${column} = ?`, ...values);
  if (values.length <= LIST) {
    return sql(`${column} IN (${values.map(() => '?').join(', ')})`, ...values);
  }
  const lists = Array.from({ length: Math.ceil(values.length / LIST) }, (_, n) =>
    values.slice(n * LIST, (n + 1) * LIST),
  );
  return anyOf(lists.map((list) => isOneOf(column, list)));
}
