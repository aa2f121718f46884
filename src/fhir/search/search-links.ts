import type { PageBinding, PageTokens } from './page-token.js';
import type { ParsedSearch, SearchParameterPair } from './parse-search.js';
import { pageParameter } from './result-controls.js';

export interface SearchLinks {
  /** The search as it was evaluated; the page too, where the request named one. */
  readonly self: string;
  /** Absent: this is the last page. */
  readonly next?: string;
}

/**
 * Links of a searchset Bundle. `self` names the parameters that were evaluated, so that a client sees which
 * were left out. Source: FHIR R4 search.html#conformance, http.html#paging.
 *
 * @param url address of the search without its query, for example `https://example.org/fhir/r4/Patient`
 * @param next where the next page starts, as `SearchPage.next`
 */
export function searchLinks(
  url: string,
  parsed: ParsedSearch,
  next: readonly (string | number)[] | null,
  tokens: PageTokens,
  binding: PageBinding,
): SearchLinks {
  const { applied, page, query } = parsed;
  const self = withQuery(url, page === null ? applied : [...applied, [pageParameter, page]]);
  if (next === null) return { self };
  const token = tokens.seal(next, query.types, applied, binding);
  return { self, next: withQuery(url, [...applied, [pageParameter, token]]) };
}

function withQuery(url: string, parameters: readonly SearchParameterPair[]): string {
  if (parameters.length === 0) return url;
  return `${url}?${parameters.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')}`;
}

/** Percent-encodes what a query must not hold and leaves the separators of FHIR readable. */
function encode(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')).replace(/%(2C|3A|2F|24|40)/g, (code) =>
    decodeURIComponent(code),
  );
}
