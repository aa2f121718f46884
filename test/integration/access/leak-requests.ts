import fc from 'fast-check';
import {
  identity,
  joined,
  observationParameters,
  patient,
  searchingRequests,
  type,
  type TestRequest,
} from './leak-searches.js';

/** Of one resource and its versions. */
export const readingRequests: fc.Arbitrary<TestRequest> = fc.oneof(
  identity.map((url) => ({ method: 'GET' as const, url })),
  identity.map((url) => ({ method: 'HEAD' as const, url })),
  identity.map((url) => ({ method: 'GET' as const, url, headers: { 'if-none-match': 'W/"1"' } })),
  identity.map((url) => ({ method: 'GET' as const, url, headers: { 'if-none-match': 'W/"9"' } })),
  identity.map((url) => ({ method: 'GET' as const, url: `${url}/_history` })),
  identity.map((url) => ({ method: 'GET' as const, url: `${url}/_history/1` })),
  identity.map((url) => ({ method: 'GET' as const, url: `${url}/$meta` })),
  fc
    .tuple(identity, fc.constantFrom('Fri, 01 Jan 2100 00:00:00 GMT', 'Thu, 01 Jan 1970 00:00:00 GMT'))
    .map(([url, time]) => ({ method: 'GET' as const, url, headers: { 'if-modified-since': time } })),
  fc
    .tuple(identity, fc.constantFrom('_summary=true', '_summary=text', '_elements=subject,gender'))
    .map(([url, shape]) => ({ method: 'GET' as const, url: `${url}?${shape}` })),
);

const observation = fc
  .record({
    subject: patient,
    category: fc.constantFrom('laboratory', 'vital-signs'),
    id: fc.constantFrom('o-a-0', 'o-b-0', 'o-c-1', 'new-1'),
  })
  .map(({ subject, category, id }) => ({
    resourceType: 'Observation',
    id,
    status: 'amended',
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: category }] },
    ],
    code: { coding: [{ system: 'http://loinc.org', code: '718-7' }] },
    subject: { reference: `Patient/${subject}` },
  }));
const withoutId = observation.map(({ id: _id, ...rest }) => rest);

const writes: fc.Arbitrary<TestRequest> = fc.oneof(
  withoutId.map((body) => ({ method: 'POST' as const, url: 'Observation', body })),
  fc
    .tuple(withoutId, fc.array(observationParameters, { minLength: 1, maxLength: 2 }))
    .map(([body, criteria]) => ({
      ...{ method: 'POST' as const, url: 'Observation', body },
      headers: { 'if-none-exist': joined(criteria) },
    })),
  observation.map((body) => ({ method: 'PUT' as const, url: `Observation/${body.id}`, body })),
  fc.tuple(observation, fc.constantFrom('W/"1"', 'W/"2"')).map(([body, tag]) => ({
    ...{ method: 'PUT' as const, url: `Observation/${body.id}`, body },
    headers: { 'if-match': tag },
  })),
  fc.tuple(withoutId, observationParameters).map(([body, criterion]) => ({
    ...{ method: 'PUT' as const, url: `Observation?${criterion}`, body },
  })),
  fc.constantFrom('o-a-1', 'o-b-2', 'o-c-3', 'o-dora-1', 'nobody').map((id) => ({
    ...{ method: 'DELETE' as const, url: `Observation/${id}` },
  })),
  fc.array(observationParameters, { minLength: 2, maxLength: 3 }).map((criteria) => ({
    ...{ method: 'DELETE' as const, url: `Observation?${joined(criteria)}` },
  })),
  fc.tuple(fc.constantFrom('o-a-2', 'o-b-0', 'o-b-3', 'o-c-0', 'nobody'), patient).map(([id, subject]) => ({
    ...{ method: 'PATCH' as const, url: `Observation/${id}` },
    headers: { 'content-type': 'application/json-patch+json' },
    body: JSON.stringify([{ op: 'replace', path: '/subject/reference', value: `Patient/${subject}` }]),
  })),
  fc.tuple(type, fc.constantFrom('a', 'org', 'x', 'e-b')).map(([name, id]) => ({
    ...{ method: 'DELETE' as const, url: `${name}/${id}` },
  })),
);

const parameters = (name: string, code: string) => ({
  resourceType: 'Parameters',
  parameter: [{ name, valueMeta: { tag: [{ system: 'urn:tags', code }] } }],
});
const operations: fc.Arbitrary<TestRequest> = fc.oneof(
  fc
    .tuple(identity, fc.constantFrom('$meta-add', '$meta-delete'), fc.constantFrom('one', 'two'))
    .map(([at, operation, code]) => ({
      ...{ method: 'POST' as const, url: `${at}/${operation}`, body: parameters('meta', code) },
    })),
  fc.tuple(withoutId, identity, fc.constantFrom('create', 'update', 'delete')).map(([body, at, mode]) => ({
    ...{ method: 'POST' as const, url: `${at}/$validate?mode=${mode}` },
    body,
  })),
  withoutId.map((body) => ({ method: 'POST' as const, url: 'Observation/$validate', body })),
  identity.map((at) => ({ method: 'GET' as const, url: `${at}/$validate?mode=delete` })),
  type.map((name) => ({ method: 'GET' as const, url: `${name}/$meta` })),
  fc.constant({ method: 'GET' as const, url: '$meta' }),
  fc.constantFrom('$reindex', 'Observation/$reindex', 'Observation/o-a-0/$reindex').map((url) => ({
    ...{ method: 'POST' as const, url },
  })),
);
const single = fc.oneof(
  { weight: 7, arbitrary: searchingRequests },
  { weight: 3, arbitrary: readingRequests },
  { weight: 2, arbitrary: writes },
  { weight: 1, arbitrary: operations },
);

/** Entries of a Bundle can't be searched by POST, nor asked for their head. */
const entries = fc.array(
  single.filter(
    ({ method, url, headers }) => !url.endsWith('_search') && method !== 'HEAD' && headers === undefined,
  ),
  { minLength: 1, maxLength: 4 },
);

const bundles: fc.Arbitrary<TestRequest> = fc
  .tuple(fc.constantFrom('batch', 'transaction'), entries)
  .map(([kind, parts]) => ({
    ...{ method: 'POST' as const, url: '' },
    body: {
      ...{ resourceType: 'Bundle', type: kind },
      entry: parts.map(({ method, url, body }) => ({
        request: { method, url },
        ...(body === undefined ? {} : { resource: body }),
      })),
    },
  }));

/** Requests of every interaction, about what may be seen and what may not. */
export const requests: fc.Arbitrary<TestRequest> = fc.oneof(
  { weight: 5, arbitrary: single },
  { weight: 1, arbitrary: bundles },
);
