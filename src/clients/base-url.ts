/** A base URL as it is kept and compared: without a slash at the end. */
export function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
