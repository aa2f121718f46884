import type { BundleLink } from '../format/bundle-writer.js';
import type { PageTokens } from '../search/page-token.js';
import type { ParsedSearch } from '../search/parse-search.js';
import { searchLinks, type PagesBeside } from '../search/search-links.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import { pageBindingOf } from '../exchange/page-binding.js';

/**
 * Links of a Bundle in pages: this one, the first and, where there are any, those beside it.
 * Source: FHIR R4 http.html#paging.
 */
export function pageLinks(
  context: InteractionContext,
  path: string,
  parsed: ParsedSearch,
  beside: PagesBeside,
  tokens: PageTokens,
): readonly BundleLink[] {
  const { base } = context.endpoint;
  const url = path === '' ? base : `${base}/${path}`;
  const links = searchLinks(url, parsed, beside, tokens, pageBindingOf(context));
  return [
    { relation: 'self', url: links.self },
    { relation: 'first', url: links.first },
    ...(links.previous === undefined ? [] : [{ relation: 'previous', url: links.previous }]),
    ...(links.next === undefined ? [] : [{ relation: 'next', url: links.next }]),
  ];
}
