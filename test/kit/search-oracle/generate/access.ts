import fc from 'fast-check';
import type { Pair, WrittenAccess } from '../search.js';
import { pick } from './vocabulary.js';

/** Accesses that show all of some types, nothing of others, and of the rest what fulfils a condition. */
export function accessesOf(
  types: readonly string[],
  conditionOf: (type: string) => fc.Arbitrary<Pair>,
): fc.Arbitrary<WrittenAccess> {
  const byType = Object.fromEntries(
    types.map((type) => [
      type,
      fc.oneof(
        { weight: 3, arbitrary: fc.constant<Pair[]>([]) },
        { weight: 3, arbitrary: conditionOf(type).map((one) => [one]) },
        { weight: 1, arbitrary: fc.constant('none' as const) },
      ),
    ]),
  );
  // What lookups need stays in sight; what they do without it is tested on its own.
  const known = { ...byType, ValueSet: fc.constant<Pair[]>([]), CodeSystem: fc.constant<Pair[]>([]) };
  return fc.record({ byType: fc.record(known), others: pick('all', 'none') });
}
