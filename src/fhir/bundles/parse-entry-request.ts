import { readBinary } from '../format/binary-content.js';
import { entryPlace, type BundleEntryText } from '../format/bundle-text.js';
import { wrongShape } from '../format/json-errors.js';
import { mediaTypeOf } from '../format/media-type.js';
import { readResourceText } from '../format/resource-text.js';
import { parseEntryAddress, requireResourceId, unknownAddress, type EntryAddress } from './entry-address.js';
import type { EntryRequest } from '../exchange/interaction-request.js';
import { criteriaOf, refuseParameters } from '../exchange/address-parameters.js';
import { notSupported } from '../exchange/interaction-errors.js';
import { writePrecondition } from '../exchange/preconditions.js';
import { decodeQueryString } from '../search/parse-criteria.js';
import { postedReading, readingEntry, sentConditions } from './parse-reading-entry.js';
import { jsonPatchType, type PatchText } from '../exchange/patch-text.js';

/**
 * Reads an entry's request.
 *
 * @param bases base URLs of the repository, which an entry's URL may begin with
 * @throws FirekeepError 400 or 405 that names the entry
 */
export function parseEntryRequest(
  entry: BundleEntryText,
  index: number,
  bases: readonly string[],
): EntryRequest {
  const place = entryPlace(index);
  const { method, url } = entry.request ?? {};
  if (method === undefined || url === undefined) {
    throw wrongShape(`${place}.request needs "method" and "url".`, `${place}.request`);
  }
  const address = parseEntryAddress(url, bases, place);
  switch (method) {
    case 'GET':
      return readingEntry(entry, address, place);
    case 'HEAD':
      return { ...readingEntry(entry, address, place), isHead: true };
    case 'POST':
      return createEntry(entry, address, place);
    case 'PUT':
      return updateEntry(entry, address, place);
    case 'PATCH':
      return patchEntry(entry, address, place);
    case 'DELETE':
      return deleteEntry(entry, address, place);
    default:
      throw notSupported(`${place}: the method "${method.slice(0, 16)}" is not available in a Bundle.`);
  }
}

function createEntry(entry: BundleEntryText, address: EntryAddress, place: string): EntryRequest {
  const reading = postedReading(entry, address, place);
  if (reading !== undefined) return reading;
  const { segments, query } = address;
  const [type = '', more] = segments;
  if (type === '' || more !== undefined) throw unknownAddress(place);
  refuseParameters(decodeQueryString(query), `${place}.request.url`);
  const ifNoneExist = entry.request?.ifNoneExist;
  return { interaction: 'create', type, resource: requireResource(entry, place), ifNoneExist };
}

function updateEntry(entry: BundleEntryText, address: EntryAddress, place: string): EntryRequest {
  const resource = requireResource(entry, place);
  const target = targetOf(address, place);
  return 'id' in target
    ? { interaction: 'update', ...target, resource, precondition: writePrecondition(sentConditions(entry)) }
    : {
        interaction: 'conditional-update',
        ...target,
        resource,
        precondition: writePrecondition(sentConditions(entry)),
      };
}

function patchEntry(entry: BundleEntryText, address: EntryAddress, place: string): EntryRequest {
  const patch = patchOf(requireResource(entry, place), `${place}.resource`);
  const target = targetOf(address, place);
  return 'id' in target
    ? { interaction: 'patch', ...target, patch, precondition: writePrecondition(sentConditions(entry)) }
    : {
        interaction: 'conditional-patch',
        ...target,
        patch,
        precondition: writePrecondition(sentConditions(entry)),
      };
}

/** A JSON Patch travels in a Binary, a FHIRPath Patch as it is. Source: FHIR R4 http.html#patch. */
function patchOf(resource: Buffer, place: string): PatchText {
  const { type } = readResourceText(resource, place);
  if (type === 'Parameters') return { form: 'fhirpath-patch', body: resource };
  if (type !== 'Binary') {
    throw wrongShape(`${place} must be Parameters or a Binary that holds a JSON Patch.`, place);
  }
  const { contentType, data } = readBinary(resource, place);
  if (mediaTypeOf(contentType) !== jsonPatchType) {
    throw wrongShape(`${place}.contentType must be ${jsonPatchType}.`, `${place}.contentType`);
  }
  return { form: 'json-patch', body: data };
}

function deleteEntry(entry: BundleEntryText, address: EntryAddress, place: string): EntryRequest {
  const target = targetOf(address, place);
  return 'id' in target
    ? { interaction: 'delete', ...target, precondition: writePrecondition(sentConditions(entry)) }
    : {
        interaction: 'conditional-delete',
        ...target,
        precondition: writePrecondition(sentConditions(entry)),
      };
}

function targetOf(
  { segments, query }: EntryAddress,
  place: string,
): { readonly type: string; readonly id: string } | { readonly type: string; readonly criteria: string } {
  const [type = '', id, more] = segments;
  if (type === '') throw unknownAddress(place);
  const criteria = criteriaOf(query);
  if (id === undefined && criteria !== '') return { type, criteria };
  if (id === undefined || more !== undefined) throw unknownAddress(place);
  requireResourceId(id, place);
  refuseParameters(decodeQueryString(query), `${place}.request.url`);
  return { type, id };
}

function requireResource({ resource }: BundleEntryText, place: string): Buffer {
  if (resource === undefined) throw wrongShape(`${place} has no "resource".`, `${place}.resource`);
  return resource;
}
