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
  return {
    sql: parts.map((part) => part.sql).join(separator),
    values: parts.flatMap((part) => part.values),
  };
}

/** A template whose holes take pieces: `compose('SELECT 1 FROM t WHERE # LIMIT 1', where)`. */
export function compose(template: string, ...parts: readonly Fragment[]): Fragment {
  const texts = template.split('#');
  return {
    sql: texts.map((text, index) => text + (parts[index]?.sql ?? '')).join(''),
    values: parts.flatMap((part) => part.values),
  };
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
