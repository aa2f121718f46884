/** The members of `wanted` that `present` doesn't have so; undefined: it has them all. */
export function changesAgainst<W extends object>(present: object, wanted: W): Partial<W> | undefined {
  const changes = Object.entries(wanted).filter(
    ([name, value]) =>
      value !== undefined &&
      JSON.stringify(value) !== JSON.stringify((present as Record<string, unknown>)[name]),
  );
  return changes.length === 0 ? undefined : (Object.fromEntries(changes) as Partial<W>);
}
