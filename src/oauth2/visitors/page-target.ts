/** Below the issuer. */
export const signInPath = '/sign-in';

const longest = 2000;

/**
 * The address of a page that somebody who signs in may be led to: one of this server, whatever was asked for.
 *
 * @param to path below the issuer, and query
 * @returns undefined: it is none
 */
export function pageTarget(issuer: string, to: unknown): string | undefined {
  if (typeof to !== 'string' || to.length > longest || !/^\/pages\/[\x21-\x7e]*$/.test(to)) return undefined;
  const { href, pathname } = new URL(issuer + to);
  // Steps upwards are gone from it by now.
  return pathname.startsWith(`${new URL(issuer).pathname}/pages/`) ? href : undefined;
}

/** What the sign-in page is told of a page. @param inside path and query as this process sees them */
export function askForSignIn(issuer: string, inside: string): string {
  const to = inside.replace(/^\/+oauth2(?=\/)/, '');
  return `${issuer}${signInPath}?${new URLSearchParams({ to }).toString()}`;
}
