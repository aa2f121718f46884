import fc from 'fast-check';
import { elements } from './bodies.js';
import { isSame, type Resource } from './resource.js';

/** A change of one element, or of none. */
export type Edit =
  | { readonly kind: 'set'; readonly element: string; readonly value: unknown }
  | { readonly kind: 'copy'; readonly from: string; readonly element: string }
  | { readonly kind: 'remove'; readonly element: string };

export type PatchForm = 'json' | 'fhirpath';

const single = new Set(['status', 'gender', 'subject', 'patient', 'asserter', 'recorder']);
/** A change of a resource of the type. */
export const edit = (of: string): fc.Arbitrary<Edit> => {
  const all = Object.entries(elements[of] ?? {}).filter(([name]) => !['code', 'class'].includes(name));
  const set = fc
    .constantFrom(...all)
    .chain(([element, values]) =>
      values
        .filter((value) => value !== undefined)
        .map((value): Edit => ({ kind: 'set', element, value: JSON.parse(JSON.stringify(value)) })),
    );
  const copies: readonly Edit[] = {
    Condition: [{ kind: 'copy' as const, from: 'subject', element: 'asserter' }],
    AllergyIntolerance: [
      { kind: 'copy' as const, from: 'patient', element: 'recorder' },
      { kind: 'copy' as const, from: 'recorder', element: 'patient' },
    ],
  }[of] ?? [{ kind: 'remove', element: 'period' }];
  return fc.oneof({ weight: 5, arbitrary: set }, { weight: 1, arbitrary: fc.constantFrom(...copies) });
};
/** What FHIRPath Patch can say in one operation is said so, too. */
export const form = (one: Edit, drawn: PatchForm): PatchForm =>
  one.kind === 'set' && single.has(one.element) ? drawn : 'json';
export const patchForm = fc.constantFrom('json' as const, 'fhirpath' as const);

/** A resource after an edit; undefined: the edit can't be made. */
export function edited(resource: Resource, one: Edit): Resource | undefined {
  const { [one.element]: before, ...rest } = resource;
  switch (one.kind) {
    case 'set':
      return isSame(before, one.value) ? resource : { ...resource, [one.element]: one.value };
    case 'copy':
      return resource[one.from] === undefined
        ? undefined
        : { ...resource, [one.element]: resource[one.from] };
    case 'remove':
      return before === undefined ? undefined : (rest as Resource);
  }
}
