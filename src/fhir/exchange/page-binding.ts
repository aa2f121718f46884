import type { PageBinding } from '../search/page-token.js';
import type { InteractionContext } from './interaction-context.js';

/** Whom the page links of an answer are for. */
export function pageBindingOf({ endpoint, principal }: InteractionContext): PageBinding {
  return { base: endpoint.base, subject: principal.subject, client: principal.clientId ?? '' };
}
