import type { InteractionRoute } from '../../fhir/index.js';
import { success, type FailureStatus } from './documented-answers.js';
import {
  anyResource,
  bundle,
  header,
  outcome,
  query,
  resourceContent,
  type Parameter,
  type RequestBody,
} from './openapi-parts.js';

/** What the documents say of a route, besides the parameters of its path. */
export interface RouteDocument {
  readonly summary: string;
  readonly description?: string;
  /** Anchor in FHIR R4 http.html. */
  readonly section: string;
  /** Whether its query is a search of the type. */
  readonly searches?: true;
  readonly parameters: readonly Parameter[];
  readonly body?: RequestBody;
  readonly good: Readonly<Record<number, object>>;
  readonly bad: readonly FailureStatus[];
  /** Anyone may ask. */
  readonly isPublic?: true;
}

const ifMatch = header('If-Match', 'W/"version" that must be the current one, else 412.');
const createOnly = header('If-None-Match', '`*` writes only where there is no such resource yet, else 412.');
const ifNoneMatch = header('If-None-Match', 'W/"version" that the client has: 304 where it is current.');
const ifModifiedSince = header('If-Modified-Since', 'HTTP date: 304 where nothing was written since.');
const ifNoneExist = header(
  'If-None-Exist',
  'Search criteria: nothing is created where a resource matches (200), 412 where several do.',
);
const idempotencyKey = header(
  'Idempotency-Key',
  'Makes a POST safe to repeat: within 24 hours the same request with the same key is answered as the first time.',
);
const preferReturn = header('Prefer', 'return=representation, return=minimal or return=OperationOutcome.');
const preferHandling = header(
  'Prefer',
  'handling=strict refuses parameters that are not known; handling=lenient (default) leaves them out, with a warning.',
);
const form = [query('_format', 'json or xml; goes before Accept.'), query('_pretty', 'true: indented.')];
const subset = [
  query('_summary', 'true, text, data, count or false.'),
  query('_elements', 'Elements that are returned, comma-separated.'),
];
const historyParameters = [
  query('_since', 'Instant: only versions since then.'),
  query('_at', 'Date or time: versions that were current at some time in it.'),
  query('_sort', '_lastUpdated or -_lastUpdated (default).'),
  query('_count', 'Versions a page.'),
  ...subset,
  ...form,
];
const byCriteria =
  'The query holds search criteria. None that matches, one, or several: http.html says what happens; several are refused with 412 unless this server is set up otherwise.';

const version = ['ETag', 'Last-Modified'] as const;
const ofResource: RequestBody = { required: true, content: anyResource };
const found = {
  200: success('The resource.', anyResource, version),
  304: success('The client has the current version.', undefined, version),
};
const updated = success('Updated, or unchanged where nothing differs.', anyResource, version);
const created = success('Created.', anyResource, [...version, 'Location']);
const searched = { 200: success('A searchset Bundle.', bundle) };
const history = { 200: success('A history Bundle.', bundle) };
const writing: readonly FailureStatus[] = [400, 404, 405, 409, 412, 413, 415, 422, 429];

const patchBody: RequestBody = {
  required: true,
  content: {
    'application/json-patch+json': { schema: { type: 'array', items: { type: 'object' } } },
    ...resourceContent('Parameters'),
  },
};
const patch = {
  description: 'JSON Patch (RFC 6902), or FHIRPath Patch as Parameters. XML Patch is not taken (415).',
  section: 'patch',
  parameters: [ifMatch, preferReturn, ...form],
  body: patchBody,
};
const removed = {
  200: success('It is deleted, where Prefer asks for an OperationOutcome.', outcome, version),
  204: success('It is deleted.', undefined, version),
};
const searchForm: RequestBody = {
  content: {
    'application/x-www-form-urlencoded': {
      schema: { type: 'object', additionalProperties: { type: 'string' } },
    },
  },
};

/** Every route of an interaction. Source: FHIR R4 http.html#summary. */
export const interactionRoutes: Readonly<Record<InteractionRoute, RouteDocument>> = {
  'GET /:type/:id': {
    summary: 'Read',
    description: 'A Binary is returned as its content where Accept asks for neither form of a resource.',
    section: 'read',
    parameters: [ifNoneMatch, ifModifiedSince, ...subset, ...form],
    good: found,
    bad: [400, 404, 405, 410],
  },
  'GET /:type/:id/_history/:vid': {
    summary: 'Read a version',
    section: 'vread',
    parameters: [ifNoneMatch, ifModifiedSince, ...subset, ...form],
    good: found,
    bad: [400, 404, 410],
  },
  'PUT /:type/:id': {
    summary: 'Update, or create with this id',
    section: 'update',
    parameters: [ifMatch, createOnly, preferReturn, ...form],
    body: ofResource,
    good: { 200: updated, 201: created },
    bad: writing,
  },
  'PUT /:type': {
    summary: 'Update by criteria',
    description: byCriteria,
    section: 'cond-update',
    searches: true,
    parameters: [ifMatch, createOnly, preferReturn],
    body: ofResource,
    good: { 200: updated, 201: created },
    bad: writing,
  },
  'PATCH /:type/:id': {
    ...patch,
    summary: 'Patch',
    good: { 200: updated },
    bad: [...writing, 410],
  },
  'PATCH /:type': {
    ...patch,
    summary: 'Patch by criteria',
    description: `${patch.description} ${byCriteria}`,
    searches: true,
    parameters: [ifMatch, preferReturn],
    good: { 200: updated },
    bad: writing,
  },
  'DELETE /:type/:id': {
    summary: 'Delete',
    section: 'delete',
    parameters: [ifMatch, preferReturn, ...form],
    good: removed,
    bad: [400, 404, 405, 409, 412, 429],
  },
  'DELETE /:type': {
    summary: 'Delete by criteria',
    description: byCriteria,
    section: '3.1.0.7.1',
    searches: true,
    parameters: [ifMatch, preferReturn],
    good: removed,
    bad: [400, 404, 405, 409, 412, 429],
  },
  'GET /:type/:id/_history': {
    summary: 'History of a resource',
    section: 'history',
    parameters: historyParameters,
    good: history,
    bad: [400, 404],
  },
  'GET /:type/_history': {
    summary: 'History of a type',
    section: 'history',
    parameters: historyParameters,
    good: history,
    bad: [400, 404],
  },
  'GET /_history': {
    summary: 'History of the repository',
    section: 'history',
    parameters: historyParameters,
    good: history,
    bad: [400],
  },
  'POST /:type': {
    summary: 'Create',
    section: 'create',
    parameters: [ifNoneExist, idempotencyKey, preferReturn, ...form],
    body: ofResource,
    good: { 200: success('A resource matches already.', anyResource, version), 201: created },
    bad: writing,
  },
  'GET /:type': {
    summary: 'Search',
    section: 'search',
    searches: true,
    parameters: [preferHandling, ...subset, ...form],
    good: searched,
    bad: [400, 404, 405, 422],
  },
  'POST /:type/_search': {
    summary: 'Search, with parameters in the body',
    section: 'search',
    parameters: [preferHandling],
    body: searchForm,
    good: searched,
    bad: [400, 404, 405, 413, 415, 422],
  },
  'GET /:type/:id/:member': {
    summary: 'Search in a compartment',
    section: 'vsearch',
    parameters: [preferHandling, ...subset, ...form],
    good: searched,
    bad: [400, 404, 405, 422],
  },
  'POST /:type/:id/:member/_search': {
    summary: 'Search in a compartment, with parameters in the body',
    section: 'vsearch',
    parameters: [preferHandling],
    body: searchForm,
    good: searched,
    bad: [400, 404, 405, 413, 415, 422],
  },
  'GET /': {
    summary: 'Search several types',
    section: 'search',
    searches: true,
    parameters: [
      query('_type', 'Resource types, comma-separated; without it all that may be searched.'),
      preferHandling,
      ...subset,
      ...form,
    ],
    good: searched,
    bad: [400, 405, 422],
  },
  'POST /_search': {
    summary: 'Search several types, with parameters in the body',
    section: 'search',
    parameters: [preferHandling],
    body: searchForm,
    good: searched,
    bad: [400, 405, 413, 415, 422],
  },
  'POST /': {
    summary: 'Batch or transaction',
    section: 'transaction',
    parameters: [idempotencyKey, preferReturn, ...form],
    body: { required: true, content: bundle },
    good: { 200: success('The answers, one an entry.', bundle) },
    bad: writing,
  },
  'GET /metadata': {
    summary: 'What this endpoint can do',
    section: 'capabilities',
    parameters: [query('mode', 'full (default), normative or terminology.'), ...subset, ...form],
    good: { 200: success('A CapabilityStatement, or TerminologyCapabilities.', anyResource) },
    bad: [400],
    isPublic: true,
  },
};
