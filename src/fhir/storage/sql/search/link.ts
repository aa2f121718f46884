import { keys, tables } from '../keys.js';
import { allOf, compose, isOneOf, sql } from './fragment.js';
import type { Fragment } from './fragment.js';
import type { LinkedSource } from './row-condition.js';
import type { ProbeContext, StatementContext } from './statement-context.js';

/**
 * A reference between two resources. `to`: from the resource in question to one of these types, by one of these
 * parameters. `from`: from another resource, by its parameter, to the resource in question, of one of these types.
 */
export type Link =
  | {
      readonly direction: 'to';
      readonly repository: number;
      readonly parameters: readonly number[];
      readonly types: readonly number[];
    }
  | {
      readonly direction: 'from';
      readonly repository: number;
      readonly parameter: number;
      readonly types: readonly number[];
    };

/**
 * Whether the resource `rid` has the link to, or from, a resource that fulfils the operand. The index has no rows
 * of deleted resources, but may refer to some: what a reference leads to is looked at.
 *
 * @param operand condition on the resource at the other end, by the column of its number
 */
export function linkProbe(
  link: Link,
  rid: string,
  depth: number,
  { text, deadline }: ProbeContext,
  operand: (rid: string) => Fragment,
): Fragment {
  const [row, other] = [`l${depth}`, `t${depth}`];
  if (link.direction === 'to') {
    return compose(
      `(SELECT 1 FROM ${tables.reference} ${row}${text.useKey(keys.byResource(tables.reference))} ` +
        `${text.join} ${tables.resource} ${other}${text.useKey(keys.resourceIdentity)} ` +
        `ON ${other}.repository = # AND ${other}.type = ${row}.target_type AND ${other}.id = ${row}.target ` +
        `WHERE ${row}.rid = ${rid} AND # LIMIT 1) IS NOT NULL`,
      sql('?', link.repository),
      allOf([
        ...(deadline === null ? [] : [deadline.ofRows(row)]),
        isOneOf(`${row}.param`, link.parameters),
        isOneOf(`${row}.target_type`, link.types),
        sql(`${other}.deleted = 0`),
        operand(`${other}.rid`),
      ]),
    );
  }
  return compose(
    `(SELECT 1 FROM ${tables.resource} ${other}${text.usePrimary} ` +
      `${text.join} ${tables.reference} ${row}${text.usePrimary} ` +
      `ON ${row}.param = # AND ${row}.target = ${other}.id AND ${row}.target_type = ${other}.type ` +
      `WHERE ${other}.rid = ${rid} AND # LIMIT 1) IS NOT NULL`,
    sql('?', link.parameter),
    allOf([
      ...(deadline === null ? [] : [deadline.ofRows(row)]),
      isOneOf(`${other}.type`, link.types),
      operand(`${row}.rid`),
    ]),
  );
}

/**
 * The resources that have the link to, or from, one of those gathered: one source a parameter, since only an
 * equality leads into the key of references.
 *
 * @param gathered `SELECT … AS rid` of the resources at the other end
 */
export function linkSources(
  link: Link,
  gathered: (context: StatementContext) => Fragment,
): readonly LinkedSource[] {
  const source = (linked: LinkedSource['linked']): LinkedSource => ({
    linked,
    inOrder: false,
    unique: false,
    bounded: true,
  });
  if (link.direction === 'from') {
    return [
      source((alias, context) => {
        const { text } = context;
        return compose(
          `(#) g ${text.join} ${tables.reference} l${text.useKey(keys.byResource(tables.reference))} ` +
            `ON l.rid = g.rid AND l.param = # ${text.join} ${tables.resource} ${alias}` +
            `${text.useKey(keys.resourceIdentity)} ON ${alias}.repository = # AND ${alias}.type = l.target_type ` +
            `AND ${alias}.id = l.target WHERE #`,
          gathered(context),
          sql('?', link.parameter),
          sql('?', link.repository),
          within(context, alias, [isOneOf(`${alias}.type`, link.types), sql(`${alias}.deleted = 0`)]),
        );
      }),
    ];
  }
  return link.parameters.map((parameter) =>
    source((alias, context) => {
      const { text } = context;
      return compose(
        `(#) g ${text.join} ${tables.resource} t${text.usePrimary} ON t.rid = g.rid ` +
          `${text.join} ${tables.reference} ${alias}${text.usePrimary} ON ${alias}.param = # ` +
          `AND ${alias}.target = t.id AND ${alias}.target_type = t.type WHERE #`,
        gathered(context),
        sql('?', parameter),
        within(context, alias, []),
      );
    }),
  );
}

function within({ deadline }: StatementContext, alias: string, conditions: readonly Fragment[]): Fragment {
  return allOf(deadline === null ? conditions : [deadline.ofRows(alias), ...conditions]);
}
