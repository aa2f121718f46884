import { FirekeepError } from '../../platform/errors/index.js';
import type { SearchParameterPair } from '../search/parse-search.js';

/** What shapes the answer of any interaction. Source: FHIR R4 http.html#parameters. */
const shaping: ReadonlySet<string> = new Set(['_format', '_pretty', '_summary', '_elements']);

/**
 * A write whose address says what it is about has no use for a condition in the query: it would be done whether or not the
 * condition holds. A read leaves out what it doesn't know.
 *
 * @param place FHIRPath of the address in a Bundle; absent: a request of its own
 * @throws FirekeepError 400 `FHIR_UNKNOWN_PARAMETER`
 */
export function refuseParameters(parameters: readonly SearchParameterPair[], place?: string): void {
  const other = parameters.find(([name]) => !shaping.has(name));
  if (other === undefined) return;
  const message =
    `${place === undefined ? '' : `${place}: `}"${other[0].slice(0, 80)}" is no parameter of this write, whose address says ` +
    'already what is written. Leave it out, or leave out the id to make the write conditional.';
  throw new FirekeepError('invalid', 'FHIR_UNKNOWN_PARAMETER', message, {
    issues: [{ message, ...(place === undefined ? {} : { expression: place }) }],
  });
}

/** Criteria of a conditional write: its query, without what shapes the answer. Source: FHIR R4 http.html#cond-update. */
export function criteriaOf(query: string): string {
  return query
    .split('&')
    .filter((part) => !/^_(?:format|pretty)(?:=|$)/.test(part))
    .join('&');
}
