/** Bounds of what an issuer may ask for, and what holds where it asks for nothing; milliseconds. */
export interface LifetimeBounds {
  readonly shortest: number;
  readonly usual: number;
  readonly longest: number;
}

/**
 * How long an answer may be used by its Cache-Control (RFC 9111 section 5.2.2,
 * https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2), within bounds.
 */
export function cacheLifetime(cacheControl: string | undefined, bounds: LifetimeBounds): number {
  if (cacheControl === undefined) return bounds.usual;
  const directives = cacheControl
    .toLowerCase()
    .split(',')
    .map((directive) => directive.trim());
  if (directives.includes('no-store') || directives.includes('no-cache')) return bounds.shortest;
  const maxAge = directives
    .map((directive) => /^max-age="?(\d{1,10})"?$/.exec(directive)?.[1])
    .find((seconds) => seconds !== undefined);
  if (maxAge === undefined) return bounds.usual;
  return Math.min(Math.max(Number(maxAge) * 1000, bounds.shortest), bounds.longest);
}
