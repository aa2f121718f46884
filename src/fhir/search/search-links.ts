import type { PageBinding, PageCursor, PageTokens } from './page-token.js';
import type { ParsedSearch, SearchParameterPair } from './parse-search.js';
import { pageParameter } from './result-controls.js';

export interface SearchLinks {
  /** The search as it was evaluated; the page too, where the request named one. */
  readonly self: string;
  /** The same search from its start. */
  readonly first: string;
  /** Absent: this is the first page. */
  readonly previous?: string;
  /** Absent: this is the last page. */
  readonly next?: string;
}

/** Positions of the pages beside one, as `SearchPage` has them. */
export interface PagesBeside {
  readonly next: readonly (string | number)[] | null;
  readonly previous?: readonly (string | number)[] | null;
}

/**
 * Links of a searchset Bundle. `self` names the parameters that were evaluated, so that a client sees which
 * were left out. Source: FHIR R4 search.html#conformance, http.html#paging.
 *
 * @param url address of the search without its query, for example `https://example.org/fhir/r4/Patient`
 */
export function searchLinks(
  url: string,
  { applied, page, query }: ParsedSearch,
  { next, previous = null }: PagesBeside,
  tokens: PageTokens,
  binding: PageBinding,
): SearchLinks {
  const first = withQuery(url, applied);
  const withPage = (value: string): string =>
    `${first}${applied.length === 0 ? '?' : '&'}${pageParameter}=${encode(value)}`;
  const linkTo = (cursor: PageCursor): string => withPage(tokens.seal(cursor, query.types, applied, binding));
  return {
    self: page === null ? first : withPage(page),
    first,
    ...(previous === null ? {} : { previous: linkTo({ before: previous }) }),
    ...(next === null ? {} : { next: linkTo({ after: next }) }),
  };
}

function withQuery(url: string, parameters: readonly SearchParameterPair[]): string {
  if (parameters.length === 0) return url;
  return `${url}?${parameters.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')}`;
}

/** Percent-encodes what a query must not hold and leaves the separators of FHIR readable. */
function encode(text: string): string {
  if (/^[\w.-]*$/.test(text)) return text;
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')).replace(/%(2C|3A|2F|24|40)/g, (code) =>
    decodeURIComponent(code),
  );
}
