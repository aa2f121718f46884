import type { SearchQuery } from '../search/query.js';
import type { PlannedWrite, WriteContext, WriteUnit } from '../storage/ports.js';

/** What an interaction wants to write, before the passage has held it to what was granted. */
export interface AskedUnit<R> extends WriteUnit<R, SearchQuery> {
  /**
   * Resources to be written besides, whoever writes: the record of what is done. Called inside the transaction with
   * what was decided on, once all of it has been found to be within reach.
   *
   * @throws FirekeepError which ends the unit
   */
  records?(writes: readonly PlannedWrite[], transaction: WriteContext): readonly PlannedWrite[];
}

type Changes<R> = {
  readonly [Name in keyof Omit<AskedUnit<R>, 'repository' | 'bytes'>]: AskedUnit<R>[Name] | undefined;
};

/**
 * A unit that differs from another in what is given, and in all else does what that one does. (One that inherited from
 * it would be a prototype: the engine makes hidden classes for each, which hold on to the unit, with all that it
 * refers to, until the next full collection of garbage.)
 */
export function changedUnit<R>(unit: AskedUnit<R>, changes: Partial<Changes<R>>): AskedUnit<R> {
  const targets: AskedUnit<R>['targets'] =
    unit.targets === undefined ? undefined : (matches) => unit.targets?.(matches) ?? [];
  const records: AskedUnit<R>['records'] =
    unit.records === undefined
      ? undefined
      : (writes, transaction) => unit.records?.(writes, transaction) ?? [];
  return {
    repository: unit.repository,
    conditions: changes.conditions ?? unit.conditions,
    lookups: changes.lookups ?? unit.lookups,
    receipt: changes.receipt ?? unit.receipt,
    deadline: changes.deadline ?? unit.deadline,
    bytes: unit.bytes,
    targets: changes.targets ?? targets,
    apply: changes.apply ?? ((context) => unit.apply(context)),
    records: changes.records ?? records,
  } as AskedUnit<R>;
}
