import type { BundleLink } from '../format/bundle-writer.js';
import type { PageTokens } from '../search/page-token.js';
import type { ParsedSearch } from '../search/parse-search.js';
import { searchLinks } from '../search/search-links.js';
import type { InteractionContext } from './interaction-context.js';
import { pageBindingOf } from './page-binding.js';

/**
 * Links of a Bundle in pages: this one, the first and, where there is more, the next.
 * Source: FHIR R4 http.html#paging.
 */
export function pageLinks(
  context: InteractionContext,
  path: string,
  parsed: ParsedSearch,
  next: readonly (string | number)[] | null,
  tokens: PageTokens,
): readonly BundleLink[] {
  const url = `${context.endpoint.base}/${path}`;
  const binding = pageBindingOf(context);
  const links = searchLinks(url, parsed, next, tokens, binding);
  const first = searchLinks(url, { ...parsed, page: null }, null, tokens, binding).self;
  return [
    { relation: 'self', url: links.self },
    { relation: 'first', url: first },
    ...(links.next === undefined ? [] : [{ relation: 'next', url: links.next }]),
  ];
}
