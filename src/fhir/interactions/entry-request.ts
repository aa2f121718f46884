import type { Interaction } from '../../access/contract.js';
import { takeOutAccessToken } from '../../platform/http/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { readBinary } from '../format/binary-content.js';
import { entryPlace, type BundleEntryText } from '../format/bundle-text.js';
import { parseEntityTags, parseHttpDate } from '../format/entity-tag.js';
import { wrongShape } from '../format/json-errors.js';
import { mediaTypeOf } from '../format/media-type.js';
import { isResourceId } from '../format/resource-id.js';
import { readResourceText } from '../format/resource-text.js';
import { parseSubset, type SubsetRequest } from '../format/subset/subset-request.js';
import { decodeQueryString } from '../search/parse-criteria.js';
import type { SearchParameterPair } from '../search/parse-search.js';
import { notSupported } from './interaction-errors.js';
import { jsonPatchType, type PatchText } from './patch/patch-reader.js';
import type { ReadCondition } from './read.interaction.js';
import { invalidId } from './resource-intake.js';
import type { WritePrecondition } from './write-plan.js';

/** What an entry of a batch or transaction asks for. Source: FHIR R4 http.html#transaction. */
export type EntryRequest =
  | {
      readonly interaction: 'create';
      readonly type: string;
      readonly resource: Buffer;
      readonly ifNoneExist: string | undefined;
    }
  | {
      readonly interaction: 'update';
      readonly type: string;
      readonly id: string;
      readonly resource: Buffer;
      readonly precondition: WritePrecondition;
    }
  | {
      readonly interaction: 'conditional-update';
      readonly type: string;
      readonly criteria: string;
      readonly resource: Buffer;
      readonly precondition: WritePrecondition;
    }
  | {
      readonly interaction: 'patch';
      readonly type: string;
      readonly id: string;
      readonly patch: PatchText;
      readonly precondition: WritePrecondition;
    }
  | {
      readonly interaction: 'conditional-patch';
      readonly type: string;
      readonly criteria: string;
      readonly patch: PatchText;
      readonly precondition: WritePrecondition;
    }
  | {
      readonly interaction: 'delete';
      readonly type: string;
      readonly id: string;
      readonly precondition: WritePrecondition;
    }
  | {
      readonly interaction: 'conditional-delete';
      readonly type: string;
      readonly criteria: string;
      readonly precondition: WritePrecondition;
    }
  | ReadingEntry;

/** An entry that changes nothing. */
export type ReadingEntry = {
  readonly isHead?: true;
  /** What `_summary` or `_elements` leave of the answer. */
  readonly subset?: SubsetRequest;
} & (
  | {
      readonly interaction: 'read';
      readonly type: string;
      readonly id: string;
      readonly condition: ReadCondition;
    }
  | {
      readonly interaction: 'vread';
      readonly type: string;
      readonly id: string;
      readonly version: string;
      readonly condition: ReadCondition;
    }
  | {
      readonly interaction: 'history-instance';
      readonly type: string;
      readonly id: string;
      readonly parameters: readonly SearchParameterPair[];
    }
  | {
      readonly interaction: 'history-type';
      readonly type: string;
      readonly parameters: readonly SearchParameterPair[];
    }
  | {
      readonly interaction: 'search-type';
      readonly type: string;
      readonly parameters: readonly SearchParameterPair[];
    }
);

interface Address {
  readonly segments: readonly string[];
  readonly query: string;
}

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
  const address = parseAddress(url, bases, place);
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

function parseAddress(url: string, bases: readonly string[], place: string): Address {
  const base = bases.find((candidate) => url.startsWith(`${candidate}/`));
  const relative = (base === undefined ? url : url.slice(base.length)).replace(/^\//, '');
  const [path, query] = splitOnce(takeOutAccessToken(relative).url, '?');
  const segments = path.split('/');
  if (!/^[A-Za-z]{1,64}$/.test(segments[0] ?? '') || segments.length > 4) {
    throw wrongShape(
      `${place}.request.url "${url.slice(0, 80)}" is not an address below the base, such as "Patient/17".`,
      `${place}.request.url`,
    );
  }
  return { segments, query };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function readingEntry(entry: BundleEntryText, address: Address, place: string): ReadingEntry {
  const subset = subsetOf(address);
  return { ...addressedEntry(entry, address, place), ...(subset === undefined ? {} : { subset }) };
}

/** @throws FirekeepError 400 `FHIR_SUBSET_…` */
function subsetOf({ query }: Address): SubsetRequest | undefined {
  return query === '' ? undefined : parseSubset(decodeQueryString(query));
}

function addressedEntry(entry: BundleEntryText, { segments, query }: Address, place: string): ReadingEntry {
  const [type = '', id, history, version] = segments;
  if (id === undefined) return { interaction: 'search-type', type, parameters: decodeQueryString(query) };
  if (id === '_history' && history === undefined) {
    return { interaction: 'history-type', type, parameters: decodeQueryString(query) };
  }
  requireResourceId(id, place);
  if (history === undefined) return { interaction: 'read', type, id, condition: readCondition(entry) };
  if (history !== '_history') throw unknownAddress(place);
  if (version !== undefined) {
    return { interaction: 'vread', type, id, version, condition: readCondition(entry) };
  }
  return { interaction: 'history-instance', type, id, parameters: decodeQueryString(query) };
}

function readCondition({ request }: BundleEntryText): ReadCondition {
  const since = request?.ifModifiedSince === undefined ? undefined : parseHttpDate(request.ifModifiedSince);
  return {
    ...(request?.ifNoneMatch === undefined
      ? {}
      : { ifNoneMatch: parseEntityTags('ifNoneMatch', request.ifNoneMatch) }),
    ...(since === undefined ? {} : { ifModifiedSince: since }),
  };
}

function createEntry(entry: BundleEntryText, { segments, query }: Address, place: string): EntryRequest {
  const [type = '', more, evenMore] = segments;
  if (more === '_search' && evenMore === undefined) return searchEntry(entry, type, query, place);
  if (more !== undefined || query !== '') throw unknownAddress(place);
  const ifNoneExist = entry.request?.ifNoneExist;
  return { interaction: 'create', type, resource: requireResource(entry, place), ifNoneExist };
}

/** Search by POST: parameters stand in the URL, or in a form that a Binary holds. Source: FHIR R4 http.html#search. */
function searchEntry(entry: BundleEntryText, type: string, query: string, place: string): EntryRequest {
  const parameters = decodeQueryString(query);
  if (entry.resource !== undefined) {
    const { contentType, data } = readBinary(entry.resource, `${place}.resource`);
    if (mediaTypeOf(contentType) !== 'application/x-www-form-urlencoded') {
      throw wrongShape(
        `${place}: the parameters of a search are a Binary of type application/x-www-form-urlencoded.`,
        `${place}.resource`,
      );
    }
    const form = takeOutAccessToken(`?${data.toString('utf8')}`).url;
    parameters.push(...decodeQueryString(form));
  }
  const subset = parseSubset(parameters);
  return { interaction: 'search-type', type, parameters, ...(subset === undefined ? {} : { subset }) };
}

function updateEntry(entry: BundleEntryText, address: Address, place: string): EntryRequest {
  const resource = requireResource(entry, place);
  const target = targetOf(address, place);
  return 'id' in target
    ? { interaction: 'update', ...target, resource, precondition: precondition(entry) }
    : { interaction: 'conditional-update', ...target, resource, precondition: precondition(entry) };
}

function patchEntry(entry: BundleEntryText, address: Address, place: string): EntryRequest {
  const patch = patchOf(requireResource(entry, place), `${place}.resource`);
  const target = targetOf(address, place);
  return 'id' in target
    ? { interaction: 'patch', ...target, patch, precondition: precondition(entry) }
    : { interaction: 'conditional-patch', ...target, patch, precondition: precondition(entry) };
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

function deleteEntry(entry: BundleEntryText, address: Address, place: string): EntryRequest {
  const target = targetOf(address, place);
  return 'id' in target
    ? { interaction: 'delete', ...target, precondition: precondition(entry) }
    : { interaction: 'conditional-delete', ...target, precondition: precondition(entry) };
}

function targetOf(
  { segments, query }: Address,
  place: string,
): { readonly type: string; readonly id: string } | { readonly type: string; readonly criteria: string } {
  const [type = '', id, more] = segments;
  if (id === undefined && query !== '') return { type, criteria: query };
  if (id === undefined || more !== undefined || query !== '') throw unknownAddress(place);
  requireResourceId(id, place);
  return { type, id };
}

function precondition({ request }: BundleEntryText): WritePrecondition {
  return {
    ...(request?.ifMatch === undefined ? {} : { ifMatch: parseEntityTags('ifMatch', request.ifMatch) }),
    ...(request?.ifNoneMatch === undefined
      ? {}
      : { ifNoneMatch: parseEntityTags('ifNoneMatch', request.ifNoneMatch) }),
  };
}

function requireResource({ resource }: BundleEntryText, place: string): Buffer {
  if (resource === undefined) throw wrongShape(`${place} has no "resource".`, `${place}.resource`);
  return resource;
}

function requireResourceId(id: string, place: string): void {
  if (!isResourceId(id)) throw invalidId(id, `${place}.request.url`);
}

function unknownAddress(place: string): FirekeepError {
  return wrongShape(`${place}.request.url is not an address for this method.`, `${place}.request.url`);
}

/** The interaction that the policy is asked about. */
export function interactionOf({ interaction }: EntryRequest): Interaction {
  switch (interaction) {
    case 'conditional-update':
      return 'update';
    case 'conditional-patch':
      return 'patch';
    case 'conditional-delete':
      return 'delete';
    default:
      return interaction;
  }
}

/** Whether it begins with a search, which needs the right to search. */
export function isConditional(request: EntryRequest): boolean {
  return 'criteria' in request || (request.interaction === 'create' && request.ifNoneExist !== undefined);
}

/** Whether it changes something. */
export function isWrite(request: EntryRequest): boolean {
  return ['create', 'update', 'patch', 'delete'].includes(interactionOf(request));
}
