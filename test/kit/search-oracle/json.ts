/** Reading parsed JSON without knowing what is in it. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object at a property; an empty one where there is none. */
export function fieldsAt(owner: unknown, key: string): Fields {
  const value = isFields(owner) ? owner[key] : undefined;
  return isFields(value) ? value : {};
}

export function textAt(owner: unknown, key: string): string | undefined {
  const value = isFields(owner) ? owner[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}

export function numberAt(owner: unknown, key: string): number | undefined {
  const value = isFields(owner) ? owner[key] : undefined;
  return typeof value === 'number' ? value : undefined;
}

/** The items at a property; a single value is a list of one. */
export function listAt(owner: unknown, key: string): readonly unknown[] {
  const value = isFields(owner) ? owner[key] : undefined;
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly unknown[]) : [value];
}
