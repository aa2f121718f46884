import { subset, subsetEntries } from '../format/subset/subset.js';
import type { SubsetRequest } from '../format/subset/subset-request.js';
import type { InteractionResult } from './interaction-result.js';

const bundleStart = '{"resourceType":"Bundle"';

/**
 * What an interaction answers, cut down to what `_summary` or `_elements` ask for: a resource, or each of the
 * resources in the Bundle of a search or history.
 * Source: FHIR R4 search.html#summary, search.html#elements.
 */
export function subsetResult(
  result: InteractionResult,
  request: SubsetRequest | undefined,
): InteractionResult {
  const { body, version } = result;
  if (request === undefined || body === undefined) return result;
  if (version !== undefined) return { ...result, body: subset(body, version.type, request) };
  const isBundle = body.toString('latin1', 0, bundleStart.length) === bundleStart;
  return { ...result, body: isBundle ? subsetEntries(body, request) : subset(body, typeOf(body), request) };
}

/** Texts of this server begin with their type. */
function typeOf(body: Buffer): string {
  return /^\{"resourceType":"([A-Za-z]+)"/.exec(body.toString('latin1', 0, 100))?.[1] ?? '';
}
