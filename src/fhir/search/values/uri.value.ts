import { unescapeValue } from '../escaping.js';
import type { SimpleTest } from '../query.js';
import { invalidValue } from '../search-errors.js';
import { versionsAbove } from './version-parts.js';

type UriTest = SimpleTest & { readonly type: 'uri' };

/** The whole URI, character by character. Source: FHIR R4 search.html#uri. */
export function parseUriTest(name: string, text: string): UriTest {
  const uri = unescapeValue(text);
  if (uri === undefined) throw invalidValue(name, text, 'a URI with \\ only before , | $ or \\');
  return { type: 'uri', uri };
}

/** `scheme://authority`, and the path behind it. */
const URL = /^([A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]+)(\/[^?#]*)?$/;
/** Longest prefix that a search can look for, in bytes: the index keeps no more of a URI. */
const PREFIX_BYTES = 400;
const SEGMENTS = 64;

/**
 * `:below`: the URL and those whose path goes on behind it; `:above`: the URL and those that it goes on from, segment
 * by segment. With `|version` the parts of the version take the place of segments. For URLs alone, since nothing is
 * above or below a URN. Source: FHIR R4 search.html#uri.
 */
export function parseUriTests(
  name: string,
  modifier: 'above' | 'below',
  text: string,
): readonly SimpleTest[] {
  const { uri } = parseUriTest(name, text);
  const bar = uri.indexOf('|');
  const [, origin, path = ''] = URL.exec(bar < 0 ? uri : uri.slice(0, bar)) ?? [];
  if (origin === undefined) {
    throw invalidValue(name, text, 'a URL such as http://example.org/fhir, since URNs have no levels');
  }
  if (Buffer.byteLength(uri) > PREFIX_BYTES) throw tooLong(name, text);
  if (bar >= 0) return versionTests(uri.slice(0, bar), uri.slice(bar + 1), modifier);
  const segments = path.replace(/\/+$/, '').split('/').slice(1);
  if (segments.length > SEGMENTS) throw tooLong(name, text);
  const levels = [origin, ...segments.map((_, n) => `${origin}/${segments.slice(0, n + 1).join('/')}`)];
  if (modifier === 'below') return [{ type: 'uri', uri: levels.at(-1) ?? origin, below: '/' }];
  return levels.flatMap((level) => [level, `${level}/`]).map((level) => ({ type: 'uri', uri: level }));
}

function versionTests(url: string, version: string, modifier: 'above' | 'below'): readonly SimpleTest[] {
  if (modifier === 'below') return [{ type: 'uri', uri: `${url}|${version}`, below: '.' }];
  return versionsAbove(version).map((above) => ({ type: 'uri', uri: `${url}|${above}` }));
}

function tooLong(name: string, text: string): Error {
  return invalidValue(name, text, `a URL of at most ${PREFIX_BYTES} bytes and ${SEGMENTS} segments`);
}
