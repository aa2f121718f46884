import { isLoopback } from '../../clients/index.js';

/**
 * Whether a redirect URI leads where the policy allows: to a host (`app.example.org`, `*.example.org` for those below
 * it), to an installed application by its scheme (`org.example.app:`), or to this machine (`loopback`).
 *
 * @param rules in small letters; none: anywhere
 */
export function isRedirectAllowed(uri: string, rules: readonly string[]): boolean {
  if (rules.length === 0) return true;
  if (!URL.canParse(uri)) return false;
  const { protocol, hostname } = new URL(uri);
  if (protocol !== 'https:' && protocol !== 'http:') return rules.includes(protocol);
  if (isLoopback(hostname)) return rules.includes('loopback');
  return rules.some(
    (rule) => rule === hostname || (rule.startsWith('*.') && hostname.endsWith(rule.slice(1))),
  );
}
