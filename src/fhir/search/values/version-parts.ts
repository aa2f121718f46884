/** A business version and those it goes on from, part by part: `1.4.2` has `1`, `1.4` and `1.4.2`. */
export function versionsAbove(version: string): readonly string[] {
  const parts = version.split('.').slice(0, 32);
  const starts = parts.slice(0, -1).map((_, n) => parts.slice(0, n + 1).join('.'));
  return [...starts.filter((start) => start !== ''), version];
}
