import { takeOutAccessToken } from '../../platform/http/index.js';
import type { FirekeepError } from '../../platform/errors/index.js';
import { wrongShape } from '../format/json-errors.js';
import { isResourceId } from '../format/resource-id.js';
import { invalidId } from '../exchange/resource-intake.js';

/** Where an entry's request goes. */
export interface EntryAddress {
  /** Below the base, decoded: `Patient`, `17`, `_history`. */
  readonly segments: readonly string[];
  /** Without `?`. */
  readonly query: string;
}

/** What a request's first segment can be: a type, `metadata`, `_history`, `_search` or an operation; nothing at the base. */
const firstSegment = /^(?:|[A-Za-z]{1,64}|_history|_search|\$[\w-]{1,64})$/;

/**
 * @param bases base URLs of the repository, which the address may begin with
 * @throws FirekeepError 400 that names the entry
 */
export function parseEntryAddress(url: string, bases: readonly string[], place: string): EntryAddress {
  const base = bases.find((candidate) => url.startsWith(`${candidate}/`) || url.startsWith(`${candidate}?`));
  const relative = (base === undefined ? url : url.slice(base.length)).replace(/^\//, '');
  const [path, query] = splitOnce(takeOutAccessToken(relative).url, '?');
  const segments = path.split('/').map(decoded);
  if (!firstSegment.test(path === '' && query === '' ? '-' : (segments[0] ?? '')) || segments.length > 4) {
    throw wrongShape(
      `${place}.request.url "${url.slice(0, 80)}" is not an address below the base, such as "Patient/17".`,
      `${place}.request.url`,
    );
  }
  return { segments, query };
}

/** What can't be decoded is no address, and is refused as it stands. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** @throws FirekeepError 400 `FHIR_INVALID_ID` that names the entry */
export function requireResourceId(id: string, place: string): void {
  if (!isResourceId(id)) throw invalidId(id, `${place}.request.url`);
}

export function unknownAddress(place: string): FirekeepError {
  return wrongShape(`${place}.request.url is not an address for this method.`, `${place}.request.url`);
}
