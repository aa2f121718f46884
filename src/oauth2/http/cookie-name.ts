/**
 * The name of a cookie of this server. Behind https it has a prefix by which browsers take it from https alone, so that
 * nobody on the network plants one by http.
 *
 * https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-4.1.3
 */
export function cookieName(name: string, issuer: string): string {
  return `${issuer.startsWith('https:') ? '__Secure-' : ''}firekeep_${name}`;
}
