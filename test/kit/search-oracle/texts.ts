import type { Element } from './elements.js';
import { fold } from './fold.js';
import { listAt } from './json.js';
import { versionPasses } from './references.js';

const parts: Readonly<Record<string, readonly string[]>> = {
  HumanName: ['text', 'family', 'given', 'prefix', 'suffix'],
  Address: ['text', 'line', 'city', 'district', 'state', 'postalCode', 'country'],
};

/** The texts of an element of a string parameter: of a name or an address each part. */
export function textsOf({ type, value }: Element): string[] {
  const found = parts[type]?.flatMap((part) => listAt(value, part)) ?? [value];
  return found.filter((text): text is string => typeof text === 'string' && text !== '');
}

/** Source: FHIR R4 search.html#string. */
export function textPasses(text: string, modifier: string | undefined, wanted: string): boolean {
  if (modifier === 'exact') return text === wanted;
  if (modifier === 'contains') return fold(text).includes(fold(wanted));
  return fold(text).startsWith(fold(wanted));
}

/** The addresses of an element of a uri parameter; a canonical also without its version. */
export function urisOf({ type, value }: Element): string[] {
  if (typeof value !== 'string' || value === '') return [];
  const bar = type === 'canonical' ? value.indexOf('|') : -1;
  return bar > 0 ? [value, value.slice(0, bar)] : [value];
}

/**
 * `:below` finds what lies under an address, `:above` what it lies under: whole segments of the path. URNs have
 * none. With a version its parts take the place of segments. Source: FHIR R4 search.html#uri.
 */
export function uriPasses(uri: string, modifier: string | undefined, wanted: string): boolean {
  const [ownUrl = '', ownVersion] = uri.split('|');
  const [url, version] = wanted.split('|');
  if (modifier !== undefined && version !== undefined) {
    return ownUrl === url && versionPasses(ownVersion, version, modifier);
  }
  if (modifier === 'below') return isUnder(uri, wanted);
  if (modifier === 'above') return isUnder(wanted, uri);
  return uri === wanted;
}

function isUnder(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer.endsWith('/') ? outer : `${outer}/`);
}
