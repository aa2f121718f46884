import { OutboundError } from './outbound-error.js';
import { cleanText } from '../../platform/text/index.js';

const maximumLength = 2000;

/** Whether the host name means this machine, where plain http may be used. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/**
 * An address that this server may call: https, or http on loopback; no user, no fragment.
 *
 * @param what names the address in the message: "The issuer", "The member jwks_uri".
 * @throws OutboundError stage `address`
 */
export function outboundUrl(text: string, what = 'The address'): URL {
  if (text.length > maximumLength) {
    throw new OutboundError('address', `${what} is longer than ${maximumLength} characters.`);
  }
  if (!URL.canParse(text)) {
    throw new OutboundError(
      'address',
      `${what} ${quoted(text)} is not an absolute URL. Enter it as https://host/path.`,
    );
  }
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || text.includes('#')) {
    throw new OutboundError('address', `${what} must not have a user, a password or a fragment.`);
  }
  if (url.protocol === 'https:') return url;
  if (url.protocol === 'http:' && isLoopback(url.hostname)) return url;
  throw new OutboundError(
    'address',
    url.protocol === 'http:'
      ? `${what} ${quoted(text)} is plain http. Use https; http is for loopback addresses (localhost, 127.0.0.1) only.`
      : `${what} ${quoted(text)} must begin with https://.`,
  );
}

function quoted(text: string): string {
  return `"${cleanText(text)}"`;
}
