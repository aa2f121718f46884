/** A resource as JSON; one that is to be created has no id yet. */
export interface Resource {
  readonly resourceType: string;
  readonly id?: string;
  readonly [element: string]: unknown;
}

/** What is stored by `Type/id`; null: it was deleted. */
export type State = ReadonlyMap<string, Resource | null>;

interface Reference {
  readonly reference?: string;
}

export const keyOf = ({ resourceType, id = '' }: Resource): string => `${resourceType}/${id}`;

/** Texts of the references in some elements, by the path from the resource: `participant.member`. */
export function referencesAt(resource: Resource, path: string): readonly string[] {
  let values: readonly unknown[] = [resource];
  for (const name of path.split('.')) {
    values = values.flatMap((value) => {
      const found = (value as Record<string, unknown>)[name];
      return found === undefined ? [] : [found].flat();
    });
  }
  return values.flatMap((value) => (value as Reference).reference ?? []);
}

/** Texts of all references, wherever they stand. */
export function allReferences(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(allReferences);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'reference' && typeof member === 'string' ? [member] : allReferences(member),
  );
}

/** The id of a Patient; of one of another server the address; undefined: the reference leads to something else. */
export function patientIn(reference: string): string | undefined {
  if (/^https?:.*\/Patient\//.test(reference)) return reference;
  return /^Patient\/([A-Za-z0-9\-.]+)(?:\/_history\/\d+)?$/.exec(reference)?.[1];
}

export function isSame(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${name}:${canonical(member)}`)
    .join()}}`;
}
