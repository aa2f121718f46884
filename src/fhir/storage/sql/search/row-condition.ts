import type { Fragment } from './fragment.js';
import type { StatementContext } from './statement-context.js';

/** A condition on the columns of a table, under the alias that the statement gives it. */
export type Condition = (alias: string) => Fragment;

/** A way to gather the resources that fulfil a condition. */
export type RowSource = TableSource | LinkedSource;

/** Resources that a reference leads to, or comes from, gathered from its other end. */
export interface LinkedSource {
  /** What stands behind FROM, conditions included; the rows have this alias. */
  readonly linked: (alias: string, context: StatementContext) => Fragment;
  readonly inOrder: false;
  readonly unique: false;
  readonly bounded: true;
}

/** One range, or a few, of one key. */
export interface TableSource {
  readonly table: string;
  readonly where: Condition;
  /** Key of the table to be used where the optimizer needs to be told. */
  readonly key?: string;
  /** The rows lie in the order of `rid` in the table's primary key, since all that stands before it is fixed. */
  readonly inOrder: boolean;
  /** Every resource has one row at most in it. */
  readonly unique: boolean;
  /** False: more of the table is read than matches, so that even an empty result takes long. */
  readonly bounded: boolean;
}

/** Rows of one table of which a resource must have at least one. */
export interface RowCondition {
  readonly table: string;
  readonly where: Condition;
  /** How one resource is tested: by a primary key known up to `rid`, or through the key by resource. */
  readonly probe: 'primary' | 'by-resource';
  /** Together they give every row of the condition at least once. */
  readonly sources: readonly TableSource[];
}
