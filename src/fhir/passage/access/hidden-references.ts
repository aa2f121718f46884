import { valuesOfCode } from '../../search/derived-values.js';
import type { ParameterValues } from '../../search/index-values.js';
import type { AskOthers } from '../../search/match/resource-matcher.js';
import type { SearchExpression } from '../../search/query.js';
import type { LocalReference, PlannedWrite } from '../../storage/ports.js';
import type { GrantedAccess } from './granted-access.js';

type Granted = Pick<GrantedAccess, 'within' | 'isUnrestricted' | 'isRefused'>;

/** Interactions by one of which a resource can be known to be there. */
const knowing = ['read', 'search-type'] as const;

/**
 * The references of writes that lead out of what the principal can know of. Where references must lead somewhere,
 * whether one does would tell what is stored. What the unit itself writes and what a resource has held before can be
 * known.
 *
 * @param before index values of the current version; none: there is none
 */
export function hiddenReferences(
  writes: readonly PlannedWrite[],
  granted: Granted,
  ask: AskOthers,
  before: (write: PlannedWrite) => readonly ParameterValues[],
): readonly LocalReference[] {
  const written = new Set(writes.map(({ type, id }) => `${type}/${id}`));
  return writes.flatMap((write) => {
    const references = 'references' in write ? (write.references ?? []) : [];
    const unknown = references.filter(
      ({ type, id }) => !written.has(`${type}/${id}`) && !isKnown(granted, ask, type, id),
    );
    if (unknown.length === 0) return [];
    const held = referencesIn(before(write));
    return unknown.filter(({ type, id }) => !held.has(`${type}/${id}`));
  });
}

/** Whether the principal can know of every resource of the type. */
export function isTypeKnown(granted: Granted, type: string): boolean {
  return knowing.some((interaction) => granted.isUnrestricted(interaction, type));
}

function isKnown(granted: Granted, ask: AskOthers, type: string, id: string): boolean {
  if (isTypeKnown(granted, type)) return true;
  const operands: readonly SearchExpression[] = knowing
    .filter((interaction) => !granted.isRefused(interaction, type))
    .map((interaction) => granted.within(interaction, type));
  return operands.length > 0 && ask([{ type, id }], { kind: 'or', operands }) === true;
}

function referencesIn(values: readonly ParameterValues[]): ReadonlySet<string> {
  return new Set(
    [...new Set(values.map(({ code }) => code))]
      .flatMap((code) => valuesOfCode(values, code))
      .flatMap((value) =>
        value.type === 'reference' && value.targetType !== null
          ? [`${value.targetType}/${value.targetId ?? ''}`]
          : [],
      ),
  );
}
