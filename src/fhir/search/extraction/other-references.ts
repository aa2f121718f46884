import type { Definitions } from '../../definitions/index.js';
import type { ParameterValues, ReferenceValue } from '../index-values.js';

/**
 * Code of the index values that hold references which no search parameter reaches: of extensions, say. No search
 * can name it. Indexed only where the integrity of references is kept.
 */
export const otherReferences = ':reference';

interface LocalTarget {
  readonly type: string;
  readonly id: string;
}

/** The values for those of a resource's references that no search parameter for their target holds. */
export function otherReferenceValues(
  type: string,
  targets: readonly LocalTarget[],
  values: readonly ParameterValues[],
  definitions: Pick<Definitions, 'includes'>,
): ParameterValues | undefined {
  const held = new Set<string>();
  for (const parameter of definitions.includes(type)) {
    const found = values.find(({ code }) => code === parameter.code)?.values ?? [];
    for (const value of found) {
      if (value.type === 'reference' && parameter.targets.includes(value.targetType ?? '')) {
        held.add(`${value.targetType}/${value.targetId}`);
      }
    }
  }
  const rest = targets.filter((target) => !held.has(`${target.type}/${target.id}`));
  return rest.length === 0 ? undefined : { code: otherReferences, values: rest.map(referenceTo) };
}

function referenceTo({ type, id }: LocalTarget): ReferenceValue {
  return {
    type: 'reference',
    targetType: type,
    targetId: id,
    targetVersion: null,
    url: null,
    canonicalVersion: null,
    identifier: null,
  };
}
