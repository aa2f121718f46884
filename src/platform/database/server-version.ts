/** What `SELECT VERSION()` tells: `8.4.3`, `10.11.6-MariaDB-1`, `5.5.5-10.3.8-MariaDB` through some proxies. */
export function serverVersion(text: string): { readonly isMariadb: boolean; readonly isSupported: boolean } {
  const isMariadb = /mariadb/i.test(text);
  const [major = 0, minor = 0] = text
    .replace(/^5\.5\.5-(?=\d)/, '')
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  const isSupported = isMariadb ? major > 10 || (major === 10 && minor >= 11) : major >= 8;
  return { isMariadb, isSupported };
}
