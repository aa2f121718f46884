import type { OpenAPIObject } from '@nestjs/swagger';
import { loadDefinitions, type SearchParameter } from '../fhir/index.js';

type PathItem = OpenAPIObject['paths'][string];
type Operation = NonNullable<PathItem['get']>;
type Parameter = NonNullable<Operation['parameters']>[number];

const fhirJson = 'application/fhir+json';
const anyResource = {
  type: 'object' as const,
  required: ['resourceType'],
  properties: { resourceType: { type: 'string' as const } },
};

const content = { [fhirJson]: { schema: anyResource } };
const bundle = { [fhirJson]: { schema: { $ref: '#/components/schemas/Bundle' } } };
const outcome = { [fhirJson]: { schema: { $ref: '#/components/schemas/OperationOutcome' } } };

/** What every FHIR document refers to: the two resources that answers are made of. */
export const fhirSchemas = {
  Bundle: {
    type: 'object' as const,
    required: ['resourceType', 'type'],
    properties: {
      resourceType: { type: 'string' as const, enum: ['Bundle'] },
      type: { type: 'string' as const },
      total: { type: 'integer' as const },
      link: { type: 'array' as const, items: { type: 'object' as const } },
      entry: { type: 'array' as const, items: { type: 'object' as const } },
    },
  },
  OperationOutcome: {
    type: 'object' as const,
    required: ['resourceType', 'issue'],
    properties: {
      resourceType: { type: 'string' as const, enum: ['OperationOutcome'] },
      issue: {
        type: 'array' as const,
        items: {
          type: 'object' as const,
          properties: {
            severity: { type: 'string' as const },
            code: { type: 'string' as const },
            diagnostics: { type: 'string' as const },
            expression: { type: 'array' as const, items: { type: 'string' as const } },
          },
        },
      },
    },
  },
};

function answers(success: Record<string, unknown>, ...codes: readonly number[]): Operation['responses'] {
  const texts: Readonly<Record<number, string>> = {
    400: 'The request is malformed.',
    401: 'No valid credentials; `WWW-Authenticate` says what is needed.',
    403: 'Scope or role do not allow it.',
    404: 'There is no such resource or type.',
    409: 'It is in conflict with what is stored.',
    410: 'The resource was deleted.',
    412: 'If-Match or a condition does not hold.',
    413: 'The body is too large.',
    415: 'The content type is not supported.',
    422: 'The resource breaks a rule.',
    503: 'Busy or without database; Retry-After says when to try again.',
  };
  const failures = [401, 403, ...codes, 503].map((code) => [
    code,
    { description: texts[code] ?? '', content: outcome },
  ]);
  return { ...success, ...Object.fromEntries(failures) } as Operation['responses'];
}

const header = (name: string, description: string): Parameter => ({
  name,
  in: 'header',
  description,
  schema: { type: 'string' },
});
const query = (name: string, description: string): Parameter => ({
  name,
  in: 'query',
  description,
  schema: { type: 'string' },
});
const path = (name: string, description: string): Parameter => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string' },
});

const ifMatch = header('If-Match', 'W/"version" that must be the current one');
const ifNoneMatch = header('If-None-Match', 'W/"version" that the client has: 304 when it is current');
const prefer = header(
  'Prefer',
  'return=minimal, return=representation or return=OperationOutcome; handling=strict or lenient',
);
const id = path('id', 'Logical id');
const body = { required: true, content };

const resultControls: readonly Parameter[] = [
  query('_id', 'Logical ids, comma-separated'),
  query('_lastUpdated', 'Date with prefix, for example ge2024-01-01'),
  query(
    '_filter',
    'Comparisons joined by and, or, not, for example: given eq "peter" and birthdate ge 2014-10-10',
  ),
  query('_sort', 'Parameters to sort by, a minus in front for descending'),
  query('_count', 'Matches a page'),
  query('_total', 'none, estimate or accurate'),
  query('_include', 'Resources that matches refer to, for example Observation:subject'),
  query('_revinclude', 'Resources that refer to matches, for example Provenance:target'),
];

type OperationParts = Pick<Operation, 'parameters' | 'requestBody' | 'responses'>;

interface Scope {
  /** `{type}` or the name of a type. */
  readonly type: string;
  readonly typeParameter: readonly Parameter[];
  readonly search: readonly Parameter[];
}

function typePaths(base: string, { type, typeParameter, search }: Scope): Record<string, PathItem> {
  const tags = ['FHIR'];
  const security = [{ fhir: [] }, { bearer: [] }];
  const operation = (summary: string, link: string, rest: OperationParts): Operation => ({
    tags,
    security,
    summary,
    externalDocs: { url: `https://hl7.org/fhir/R4/http.html#${link}` },
    ...rest,
    parameters: [...typeParameter, ...(rest.parameters ?? [])],
  });
  const created = { 201: { description: 'Created; `Location` and `ETag` name the version.', content } };
  const found = { 200: { description: 'The resource.', content } };
  return {
    [`${base}/${type}`]: {
      get: operation('Search', 'search', {
        parameters: [...search, prefer],
        responses: answers({ 200: { description: 'A searchset Bundle.', content: bundle } }, 400, 404),
      }),
      post: operation('Create', 'create', {
        parameters: [prefer, header('If-None-Exist', 'Search criteria: create only where nothing matches')],
        requestBody: body,
        responses: answers(created, 400, 404, 412, 413, 415, 422),
      }),
    },
    [`${base}/${type}/_search`]: {
      post: operation('Search, with the parameters in the body', 'search', {
        requestBody: {
          content: {
            'application/x-www-form-urlencoded': {
              schema: { type: 'object', additionalProperties: { type: 'string' } },
            },
          },
        },
        responses: answers({ 200: { description: 'A searchset Bundle.', content: bundle } }, 400, 404, 415),
      }),
    },
    [`${base}/${type}/{id}`]: {
      get: operation('Read', 'read', { parameters: [id, ifNoneMatch], responses: answers(found, 404, 410) }),
      put: operation('Update, or create with this id', 'update', {
        parameters: [id, ifMatch, prefer],
        requestBody: body,
        responses: answers({ ...found, ...created }, 400, 404, 409, 412, 413, 415, 422),
      }),
      delete: operation('Delete', 'delete', {
        parameters: [id, ifMatch],
        responses: answers({ 204: { description: 'It is gone.' } }, 404, 412),
      }),
    },
    [`${base}/${type}/{id}/_history`]: {
      get: operation('History of a resource', 'history', {
        parameters: [
          id,
          query('_count', 'Versions a page'),
          query('_since', 'Instant: only versions since then'),
        ],
        responses: answers({ 200: { description: 'A history Bundle, newest first.', content: bundle } }, 404),
      }),
    },
    [`${base}/${type}/{id}/_history/{vid}`]: {
      get: operation('Read a version', 'vread', {
        parameters: [id, path('vid', 'Version')],
        responses: answers(found, 404, 410),
      }),
    },
  };
}

/** FHIR once, for any `{type}`, below the base path. Source: FHIR R4 http.html. */
export function genericFhirPaths(base: string): Record<string, PathItem> {
  const security = [{ fhir: [] }, { bearer: [] }];
  return {
    [`${base}/metadata`]: {
      get: {
        tags: ['FHIR'],
        summary: 'Capability statement',
        externalDocs: { url: 'https://hl7.org/fhir/R4/http.html#capabilities' },
        responses: { 200: { description: 'What this endpoint can do.', content } },
      },
    },
    [`${base}/.well-known/smart-configuration`]: {
      get: {
        tags: ['FHIR'],
        summary: 'SMART configuration: where to get a token for this endpoint',
        externalDocs: { url: 'https://hl7.org/fhir/smart-app-launch/conformance.html' },
        responses: {
          200: {
            description: 'Addresses and capabilities.',
            content: { 'application/json': { schema: { type: 'object' } } },
          },
        },
      },
    },
    [base]: {
      get: {
        tags: ['FHIR'],
        security,
        summary: 'Search several types',
        externalDocs: { url: 'https://hl7.org/fhir/R4/http.html#search' },
        parameters: [
          query('_type', 'Resource types, separated by commas; without it, all that may be searched'),
          ...resultControls,
        ],
        responses: answers({ 200: { description: 'A searchset Bundle.', content: bundle } }, 400),
      },
      post: {
        tags: ['FHIR'],
        security,
        summary: 'Batch or transaction',
        externalDocs: { url: 'https://hl7.org/fhir/R4/http.html#transaction' },
        requestBody: { required: true, content: bundle },
        responses: answers(
          { 200: { description: 'The answers, one an entry.', content: bundle } },
          400,
          409,
          412,
          413,
          415,
          422,
        ),
      },
    },
    [`${base}/$reindex`]: reindexPath(security),
    ...typePaths(base, {
      type: '{type}',
      typeParameter: [{ ...path('type', 'Resource type'), example: 'Patient' }],
      search: [...resultControls],
    }),
  };
}

function reindexPath(security: Operation['security']): PathItem {
  const job = query('job', 'Number of a job');
  const shared = {
    tags: ['FHIR'],
    ...(security === undefined ? {} : { security }),
    externalDocs: { url: 'https://hl7.org/fhir/R4/operations.html' },
  };
  return {
    get: {
      ...shared,
      summary: 'How re-index jobs are doing; for administrators',
      parameters: [job],
      responses: answers({ 200: { description: 'Parameters: the newest jobs, or one.', content } }, 404),
    },
    post: {
      ...shared,
      summary: 'Derive the search index again in the background; for administrators',
      parameters: [
        query('type', 'Resource types; none: all. May stand several times'),
        job,
        query('action', 'Of a job: pause, resume or cancel'),
      ],
      responses: answers(
        {
          200: { description: 'Parameters: the job that was changed.', content },
          202: { description: 'Started; `Content-Location` names the job.', content },
        },
        400,
        404,
        409,
      ),
    },
  };
}

/** FHIR for one resource type, with all of its search parameters; undefined: no such type. */
export function fhirPathsOf(base: string, type: string): Record<string, PathItem> | undefined {
  const definitions = loadDefinitions();
  if (!definitions.isResourceType(type)) return undefined;
  const known = new Set(resultControls.map((parameter) => ('name' in parameter ? parameter.name : '')));
  const search = definitions
    .searchParameters(type)
    .filter(({ code, type: kind, usage }) => !known.has(code) && (kind !== 'special' || usage === 'nearby'))
    .map((parameter) => query(parameter.code, descriptionOf(parameter)));
  return typePaths(base, { type, typeParameter: [], search: [...search, ...resultControls] });
}

function descriptionOf({ type, targets }: SearchParameter): string {
  return type === 'reference' && targets.length > 0 && targets.length < 12
    ? `${type} to ${targets.join(', ')}`
    : type;
}
