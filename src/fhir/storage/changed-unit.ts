import type { WriteUnit } from './ports.js';

type Changes<R> = {
  readonly [Name in keyof Omit<WriteUnit<R>, 'repository' | 'bytes'>]: WriteUnit<R>[Name] | undefined;
};

/**
 * A unit that differs from another in what is given, and in all else does what that one does. (One that inherited from
 * it would be a prototype: the engine makes hidden classes for each, which hold on to the unit, with all that it
 * refers to, until the next full collection of garbage.)
 */
export function changedUnit<R>(unit: WriteUnit<R>, changes: Partial<Changes<R>>): WriteUnit<R> {
  const targets: WriteUnit<R>['targets'] =
    unit.targets === undefined ? undefined : (matches) => unit.targets?.(matches) ?? [];
  return {
    repository: unit.repository,
    conditions: changes.conditions ?? unit.conditions,
    lookups: changes.lookups ?? unit.lookups,
    receipt: changes.receipt ?? unit.receipt,
    deadline: changes.deadline ?? unit.deadline,
    bytes: unit.bytes,
    targets: changes.targets ?? targets,
    apply: changes.apply ?? ((context) => unit.apply(context)),
  } as WriteUnit<R>;
}
