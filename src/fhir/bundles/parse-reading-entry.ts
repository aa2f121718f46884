import { readBinary } from '../format/binary-content.js';
import type { BundleEntryText } from '../format/bundle-text.js';
import { wrongShape } from '../format/json-errors.js';
import { mediaTypeOf } from '../format/media-type.js';
import { parseSubset, type SubsetRequest } from '../format/subset/subset-request.js';
import { decodeQueryString } from '../search/parse-criteria.js';
import type { SearchParameterPair } from '../search/parse-search.js';
import { takeOutAccessToken } from '../../platform/http/index.js';
import { requireResourceId, unknownAddress, type EntryAddress } from './entry-address.js';
import type { OperationRequest, ReadingRequest } from '../exchange/interaction-request.js';
import { readCondition, writePrecondition, type SentConditions } from '../exchange/preconditions.js';

/** What a GET or HEAD of an entry asks for. @throws FirekeepError 400 that names the entry, `FHIR_SUBSET_…` */
export function readingEntry(entry: BundleEntryText, address: EntryAddress, place: string): ReadingRequest {
  const parameters = decodeQueryString(address.query);
  const subset = address.query === '' ? undefined : parseSubset(parameters);
  return withSubset(
    operationEntry(entry, address, entry.request?.method ?? 'GET', parameters) ??
      addressedEntry(entry, address, parameters, place),
    subset,
  );
}

/** What a POST asks for that is no create: an operation or a search. */
export function postedReading(
  entry: BundleEntryText,
  address: EntryAddress,
  place: string,
): ReadingRequest | undefined {
  const { segments, query } = address;
  const operation = operationEntry(entry, address, 'POST', decodeQueryString(query));
  if (operation !== undefined)
    return withSubset(operation, query === '' ? undefined : parseSubset(operation.parameters));
  const [type = '', id, member, last] = segments;
  if (segments.length === 1 && type === '_search') {
    const parameters = searchParameters(entry, query, place);
    return withSubset({ interaction: 'search-system', type: null, parameters }, parseSubset(parameters));
  }
  if (segments.length === 2 && id === '_search') {
    const parameters = searchParameters(entry, query, place);
    return withSubset({ interaction: 'search-type', type, parameters }, parseSubset(parameters));
  }
  if (id === undefined || member === undefined || last !== '_search') return undefined;
  const parameters = searchParameters(entry, query, place);
  return withSubset(compartmentSearch({ type, id }, member, parameters, place), parseSubset(parameters));
}

function withSubset(entry: ReadingRequest, subset: SubsetRequest | undefined): ReadingRequest {
  return subset === undefined ? entry : { ...entry, subset };
}

/** Undefined: the last segment is no operation. Source: FHIR R4 operations.html. */
function operationEntry(
  entry: BundleEntryText,
  { segments }: EntryAddress,
  method: string,
  parameters: readonly SearchParameterPair[],
): OperationRequest | undefined {
  const name = segments.at(-1) ?? '';
  if (!name.startsWith('$') || segments.length > 3) return undefined;
  const [type, id] = segments.slice(0, -1);
  return {
    interaction: 'operation',
    type: type ?? null,
    method,
    target: {
      name: name.slice(1),
      ...(type === undefined ? {} : { type }),
      ...(id === undefined ? {} : { id }),
    },
    parameters,
    body: method === 'POST' ? entry.resource : undefined,
    precondition: writePrecondition(sentConditions(entry)),
  };
}

function addressedEntry(
  entry: BundleEntryText,
  { segments }: EntryAddress,
  parameters: readonly SearchParameterPair[],
  place: string,
): ReadingRequest {
  const [type = '', id, more, version] = segments;
  if (id === undefined) return baseEntry(type, parameters);
  if (id === '_history' && more === undefined) return { interaction: 'history-type', type, parameters };
  requireResourceId(id, place);
  if (more === undefined)
    return { interaction: 'read', type, id, condition: readCondition(sentConditions(entry)) };
  if (more !== '_history') {
    if (version !== undefined) throw unknownAddress(place);
    return compartmentSearch({ type, id }, more, parameters, place);
  }
  if (version !== undefined) {
    return { interaction: 'vread', type, id, version, condition: readCondition(sentConditions(entry)) };
  }
  return { interaction: 'history-instance', type, id, parameters };
}

function baseEntry(name: string, parameters: readonly SearchParameterPair[]): ReadingRequest {
  if (name === 'metadata') {
    const mode = parameters.find(([parameter]) => parameter === 'mode')?.[1];
    return { interaction: 'capabilities', type: null, mode };
  }
  if (name === '') return { interaction: 'search-system', type: null, parameters };
  if (name === '_history') return { interaction: 'history-system', type: null, parameters };
  return { interaction: 'search-type', type: name, parameters };
}

/** Source: FHIR R4 http.html#vsearch. */
function compartmentSearch(
  owner: { readonly type: string; readonly id: string },
  member: string,
  parameters: readonly SearchParameterPair[],
  place: string,
): ReadingRequest {
  requireResourceId(owner.id, place);
  if (!/^(?:\*|[A-Z][A-Za-z]*)$/.test(member)) throw unknownAddress(place);
  return { interaction: 'compartment-search', type: member === '*' ? null : member, owner, parameters };
}

/** The members of an entry's request that stand for headers. */
export function sentConditions({ request }: BundleEntryText): SentConditions {
  return {
    ifMatch: request?.ifMatch,
    ifNoneMatch: request?.ifNoneMatch,
    ifModifiedSince: request?.ifModifiedSince,
  };
}

/** Search by POST: parameters stand in the URL, or in a form that a Binary holds. Source: FHIR R4 http.html#search. */
function searchParameters(
  entry: BundleEntryText,
  query: string,
  place: string,
): readonly SearchParameterPair[] {
  const parameters = decodeQueryString(query);
  if (entry.resource === undefined) return parameters;
  const { contentType, data } = readBinary(entry.resource, `${place}.resource`);
  if (mediaTypeOf(contentType) !== 'application/x-www-form-urlencoded') {
    throw wrongShape(
      `${place}: the parameters of a search are a Binary of type application/x-www-form-urlencoded.`,
      `${place}.resource`,
    );
  }
  const form = takeOutAccessToken(`?${data.toString('utf8')}`).url;
  return [...parameters, ...decodeQueryString(form)];
}
