import { compose, isOneOf } from './fragment.js';
import type { Condition, RowCondition, TableSource } from './row-condition.js';

interface Reading extends Pick<TableSource, 'inOrder' | 'unique' | 'bounded'> {
  readonly where?: Condition;
  readonly probe: RowCondition['probe'];
}

/** Rows of parameters in the one table of their type, gathered and tested by the same condition. */
export function singleTable(table: string, parameters: readonly number[], reading: Reading): RowCondition {
  const where = ofParameters(parameters, reading.where);
  const { probe, inOrder, unique, bounded } = reading;
  return { table, where, probe, sources: [{ table, where, inOrder, unique, bounded }] };
}

/** The condition, for rows of these parameters. */
export function ofParameters(parameters: readonly number[], where?: Condition): Condition {
  return (alias) => {
    const parameter = isOneOf(`${alias}.param`, parameters);
    return where === undefined ? parameter : compose('# AND #', parameter, where(alias));
  };
}
