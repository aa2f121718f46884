import { isLoopback } from './loopback.rule.js';

const longest = 2048;
/** `javascript:`, `data:`, `file:` and the like have no dot. */
const privateUseScheme = /^[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+$/;
const visibleAscii = /^[\x21-\x7e]+$/;

/**
 * A redirect URI is absolute, without fragment and user, and https; http on loopback only ({@link isLoopback},
 * with any port); a private-use scheme needs a dot, as in a reversed domain name.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8252#section-7
 * @see https://www.rfc-editor.org/rfc/rfc9700#section-4.1
 * @returns what is wrong, or undefined.
 */
export function redirectUriProblem(uri: string): string | undefined {
  if (uri.length > longest) return `is longer than ${longest} characters.`;
  if (!visibleAscii.test(uri) || /[\\"<>^`{|}]/.test(uri)) {
    return 'has a character that a URI must percent-encode.';
  }
  if (!URL.canParse(uri)) return 'is not an absolute URI.';
  const url = new URL(uri);
  if (uri.includes('#')) return 'must not have a fragment.';
  if (url.username !== '' || url.password !== '') return 'must not have a user or password.';
  if (url.protocol === 'https:') return authorityProblem(uri, url);
  if (url.protocol === 'http:') {
    return isLoopback(url.hostname)
      ? authorityProblem(uri, url)
      : 'must be https; http is for localhost, 127.0.0.1 and [::1] only.';
  }
  if (!privateUseScheme.test(url.protocol.slice(0, -1))) {
    return 'must be https, http on loopback, or a private-use scheme with a dot such as com.example.app:/callback.';
  }
  return undefined;
}

/** What URL parsers silently mend is refused, since the browser would go elsewhere than the string says. */
function authorityProblem(uri: string, url: URL): string | undefined {
  if (!uri.toLowerCase().startsWith(`${url.protocol}//${url.hostname}`)) return 'has an unusual host part.';
  if (url.hostname.includes('*')) return 'must not have a wildcard.';
  if (/(^|\/)(\.|%2e){1,2}(\/|$)/i.test(uri.slice(uri.indexOf('://') + 3).split('?')[0] ?? '')) {
    return 'must not have . or .. path segments.';
  }
  return undefined;
}
