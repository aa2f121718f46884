import { asObject } from '../json-object.js';
import type { Definitions } from '../../definitions/index.js';
import { itemsOf, type ProfileItem } from './profile-item.js';

export type Step =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'extension'; readonly url: string }
  | { readonly kind: 'of-type'; readonly type: string }
  | { readonly kind: 'resolve' };

/**
 * The path of a discriminator: `$this`, members, `extension('…')`, `ofType(…)`, `resolve()`.
 * Source: FHIR R4 profiling.html#discriminator.
 *
 * @returns undefined for another path
 */
export function discriminatorPath(path: string): readonly Step[] | undefined {
  const parts = path.match(/(?:\('[^']*'\)|\([^)']*\)|[^.()])+/g) ?? [];
  if (parts.join('.') !== path) return undefined;
  const steps = parts.filter((part) => part !== '$this').map(stepOf);
  return steps.every((step) => step !== undefined) ? steps : undefined;
}

function stepOf(part: string): Step | undefined {
  if (/^[A-Za-z]\w*$/.test(part)) return { kind: 'member', name: part };
  if (part === 'resolve()') return { kind: 'resolve' };
  const extension = /^extension\('([^']+)'\)$/.exec(part)?.[1];
  if (extension !== undefined) return { kind: 'extension', url: extension };
  const type = /^ofType\((?:FHIR\.)?([A-Za-z]\w*)\)$/.exec(part)?.[1];
  return type === undefined ? undefined : { kind: 'of-type', type };
}

/** The values that the path leads to. */
export function followPath(
  definitions: Definitions,
  start: ProfileItem,
  steps: readonly Step[],
): readonly ProfileItem[] {
  let items: readonly ProfileItem[] = [start];
  for (const step of steps) items = items.flatMap((item) => follow(definitions, item, step));
  return items;
}

function follow(definitions: Definitions, item: ProfileItem, step: Step): readonly ProfileItem[] {
  switch (step.kind) {
    case 'member':
      return itemsOf(definitions, item, step.name) ?? [];
    case 'of-type':
      return item.type === step.type ? [item] : [];
    case 'extension':
      return (itemsOf(definitions, item, 'extension') ?? []).filter(
        ({ value }) => asObject(value)?.url === step.url,
      );
    case 'resolve': {
      const type = referencedType(item);
      return type === undefined ? [] : [{ ...item, value: undefined, sibling: undefined, type }];
    }
  }
}

/** The type that a reference itself tells. */
export function referencedType({ value }: ProfileItem): string | undefined {
  const { reference, type } = asObject(value) ?? {};
  const named =
    typeof reference === 'string'
      ? /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[^/]+)?$/.exec(reference)?.[1]
      : undefined;
  return named ?? (typeof type === 'string' ? type : undefined);
}
