/** A parsed JSON object; its members are whatever the text had. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The value where it is an object and no array. */
export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** What JSON has at a place, for messages. */
export function jsonKind(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'number') return 'a number';
  if (typeof value === 'boolean') return 'true or false';
  return typeof value === 'string' ? 'a string' : 'nothing that JSON has';
}

/** A value in quotes, 64 characters at most. */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : jsonKind(value);
  return `"${text.length > 64 ? `${text.slice(0, 64)}…` : text}"`;
}
