import { isLoopback, withoutSlash } from '../../clients/index.js';

export const mostBaseUrls = 50;

/** What is wrong with a base URL of an initial access token, if anything. */
export function registrableBaseProblem(base: string): string | undefined {
  const isReadable = base.length <= 2048 && /^[\x21-\x7e]+$/.test(base) && URL.canParse(base);
  if (!isReadable || /[?#\\%]/.test(base)) return 'is no plain absolute URL without query and fragment.';
  const { protocol, hostname, username, password } = new URL(base);
  if (username !== '' || password !== '') return 'must not have a user or password.';
  if (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))) return undefined;
  return 'must be https; http is for localhost, 127.0.0.1 and [::1] only.';
}

/** Whether a base URL is one of those, or lies below it: of the same origin, and by whole parts of the path. */
export function isRegistrableBase(base: string, allowed: readonly string[]): boolean {
  if (!URL.canParse(base)) return false;
  const { origin, pathname } = new URL(base);
  // As the URL says it: what a parser would mend is another address than the one that is compared later.
  if (/[?#\\%]/.test(base) || withoutSlash(origin + pathname) !== withoutSlash(base)) return false;
  return allowed.some((one) => {
    const { origin: ofOne, pathname: above } = new URL(one);
    return origin === ofOne && `${withoutSlash(pathname)}/`.startsWith(`${withoutSlash(above)}/`);
  });
}

/** The origins of base URLs, each once. */
export function originsOfBases(bases: readonly string[]): string[] {
  return [...new Set(bases.map((base) => new URL(base).origin))];
}
