import { outcome, type Components, type Responses } from './openapi-parts.js';

const object = { type: 'object' as const };
const list = { type: 'array' as const, items: object };
const text = { type: 'string' as const };

/** What the documents refer to: the resources that answers are made of. */
const schemas: Components['schemas'] = {
  Resource: {
    ...object,
    required: ['resourceType'],
    properties: { resourceType: text, id: text },
  },
  Xml: {
    ...text,
    description: 'The same resource in the XML form of FHIR R4 (namespace http://hl7.org/fhir).',
  },
  Bundle: {
    ...object,
    required: ['resourceType', 'type'],
    properties: {
      resourceType: { ...text, enum: ['Bundle'] },
      type: text,
      total: { type: 'integer' },
      link: list,
      entry: list,
    },
  },
  Parameters: {
    ...object,
    required: ['resourceType'],
    properties: { resourceType: { ...text, enum: ['Parameters'] }, parameter: list },
  },
  OperationOutcome: {
    ...object,
    required: ['resourceType', 'issue'],
    properties: {
      resourceType: { ...text, enum: ['OperationOutcome'] },
      issue: {
        type: 'array',
        items: {
          ...object,
          properties: {
            severity: text,
            code: text,
            details: object,
            diagnostics: text,
            expression: { type: 'array', items: text },
          },
        },
      },
    },
  },
};

const headers = {
  ETag: 'The version: W/"version".',
  'Last-Modified': 'When the version was written.',
  Location: 'Address of the version: [base]/[type]/[id]/_history/[version].',
  'Content-Location': 'Where the result, or the job that makes it, is.',
  'WWW-Authenticate': 'What the request must bring.',
  'Retry-After': 'Seconds after which it can be tried again.',
  Allow: 'Methods that the address takes.',
  'Accept-Patch': 'Media types of patches.',
} as const;
type Header = keyof typeof headers;

interface Failure {
  readonly description: string;
  readonly headers?: readonly Header[];
}

const failures = {
  400: { description: 'The request is malformed.' },
  401: {
    description: 'No valid credentials, or such as are not for this endpoint.',
    headers: ['WWW-Authenticate'],
  },
  403: { description: 'Scope or role do not allow it.' },
  404: { description: 'There is no such resource, type or address.' },
  405: { description: 'The address does not take the method.', headers: ['Allow'] },
  406: { description: 'There is no such form of the answer.' },
  409: { description: 'It is in conflict with what is stored, or with a request under way.' },
  410: { description: 'The resource was deleted.' },
  412: { description: 'If-Match, If-None-Match or a condition does not hold.' },
  413: { description: 'The body, or what it comes to, is too large.' },
  415: { description: 'The content type is not supported.', headers: ['Accept-Patch'] },
  422: { description: 'The resource breaks a rule.' },
  429: { description: 'Too much is under way.', headers: ['Retry-After'] },
  503: { description: 'Busy, or without database.', headers: ['Retry-After'] },
} as const satisfies Readonly<Record<number, Failure>>;
export type FailureStatus = keyof typeof failures;

/** What every request may be answered with. */
const everywhere: readonly FailureStatus[] = [401, 403, 406, 503];

/** The shared parts of the documents. */
export const fhirComponents: Pick<Components, 'schemas' | 'headers' | 'responses'> = {
  schemas,
  headers: Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: text }]),
  ),
  responses: Object.fromEntries(
    Object.entries<Failure>(failures).map(([status, failure]) => [
      `Failure${status}`,
      {
        description: failure.description,
        content: outcome,
        ...(failure.headers === undefined ? {} : { headers: headersOf(failure.headers) }),
      },
    ]),
  ),
};

/** A successful answer. @param content absent: it has no body */
export function success(description: string, content?: object, names: readonly Header[] = []): object {
  return {
    description,
    ...(content === undefined ? {} : { content }),
    ...(names.length === 0 ? {} : { headers: headersOf(names) }),
  };
}

/** Answers of success, and those of failure by their status. */
export function answers(good: Readonly<Record<number, object>>, bad: readonly FailureStatus[]): Responses {
  const all = [...new Set([...bad, ...everywhere])].sort();
  const failed = all.map((status) => [status, { $ref: `#/components/responses/Failure${status}` }]);
  return { ...good, ...Object.fromEntries(failed) } as Responses;
}

function headersOf(names: readonly Header[]): Record<string, object> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
