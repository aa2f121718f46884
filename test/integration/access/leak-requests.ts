import fc from 'fast-check';
import { identity, searchingRequests, type TestRequest } from './leak-searches.js';
import { linkedEntries, operations, writes } from './leak-writes.js';

const xml = 'application/fhir+xml';

/** Of one resource and its versions. */
export const readingRequests: fc.Arbitrary<TestRequest> = fc.oneof(
  identity.map((url) => ({ method: 'GET' as const, url })),
  identity.map((url) => ({ method: 'GET' as const, url, headers: { accept: xml } })),
  identity.map((url) => ({ method: 'HEAD' as const, url })),
  fc
    .tuple(identity, fc.constantFrom('W/"1"', 'W/"9"', '*'))
    .map(([url, tag]) => ({ method: 'GET' as const, url, headers: { 'if-none-match': tag } })),
  identity.map((url) => ({ method: 'GET' as const, url: `${url}/_history` })),
  fc
    .tuple(
      identity,
      fc.constantFrom('_count=1', '_count=0', '_since=2020-01-01', '_at=ge2020', '_sort=_lastUpdated'),
    )
    .map(([url, parameter]) => ({ method: 'GET' as const, url: `${url}/_history?${parameter}` })),
  fc
    .tuple(identity, fc.constantFrom('1', '2', '3'))
    .map(([url, version]) => ({ method: 'GET' as const, url: `${url}/_history/${version}` })),
  identity.map((url) => ({ method: 'GET' as const, url: `${url}/$meta` })),
  fc
    .tuple(identity, fc.constantFrom('Fri, 01 Jan 2100 00:00:00 GMT', 'Thu, 01 Jan 1970 00:00:00 GMT'))
    .map(([url, time]) => ({ method: 'GET' as const, url, headers: { 'if-modified-since': time } })),
  fc
    .tuple(
      identity,
      fc.constantFrom('_summary=true', '_summary=text', '_elements=subject,gender', '_format=xml'),
    )
    .map(([url, shape]) => ({ method: 'GET' as const, url: `${url}?${shape}` })),
);

interface TestEntry {
  readonly request: { readonly method: string; readonly url: string };
}

/** Ids that the server chooses in one moment are in no order, so that one entry of a Bundle may get one. */
function withOneNewId(entries: readonly TestEntry[]): readonly TestEntry[] {
  const getsId = ({ request: { method, url } }: TestEntry): boolean =>
    (method === 'POST' && !url.includes('$')) || (method === 'PUT' && url.includes('?'));
  const first = entries.findIndex(getsId);
  return entries.filter((entry, index) => index === first || !getsId(entry));
}

/** How the headers of a request are written in an entry. Source: FHIR R4 bundle.html, Bundle.entry.request. */
const entryMembers: Readonly<Record<string, string>> = {
  ...{ 'if-match': 'ifMatch', 'if-none-match': 'ifNoneMatch' },
  ...{ 'if-modified-since': 'ifModifiedSince', 'if-none-exist': 'ifNoneExist' },
};

/** Undefined: the request has no form as an entry of a Bundle. */
function entryOf({ method, url, body, headers = {} }: TestRequest): TestEntry | undefined {
  if (url.endsWith('_search') || url === '' || method === 'HEAD') return undefined;
  const { 'content-type': type, ...others } = headers;
  if (Object.keys(others).some((name) => !(name in entryMembers))) return undefined;
  const conditions = Object.entries(others).map(([name, value]) => [entryMembers[name] ?? '', value]);
  const resource =
    typeof body === 'string'
      ? { resourceType: 'Binary', contentType: type, data: Buffer.from(body).toString('base64') }
      : body;
  return {
    request: { method, url, ...(Object.fromEntries(conditions) as object) },
    ...(resource === undefined ? {} : { resource }),
  };
}

/** Entries of a batch run side by side: what one reads must not depend on whether another has written yet. */
function independent(entries: readonly TestEntry[]): readonly TestEntry[] {
  const write = entries.find(({ request: { method, url } }) => method !== 'GET' && !url.includes('$'));
  return write === undefined ? entries : [write];
}

function bundlesOf(single: fc.Arbitrary<TestRequest>): fc.Arbitrary<TestRequest> {
  const plain = single.map(entryOf).filter((entry) => entry !== undefined);
  const entries = fc.array(
    fc.oneof({ weight: 4, arbitrary: plain }, { weight: 1, arbitrary: linkedEntries }),
    { minLength: 1, maxLength: 4 },
  );
  return fc.tuple(fc.constantFrom('batch', 'transaction'), entries).map(([kind, entry]) => ({
    ...{ method: 'POST' as const, url: '' },
    body: {
      resourceType: 'Bundle',
      type: kind,
      entry: withOneNewId(kind === 'batch' ? independent(entry) : entry),
    },
  }));
}

/**
 * Requests of every interaction, about what may be seen and what may not.
 *
 * @param writable types that are written to beside Observation; the rights of others must not depend on them
 */
export function requestsOf(writable: readonly string[]): fc.Arbitrary<TestRequest> {
  const single = fc.oneof(
    { weight: 7, arbitrary: searchingRequests },
    { weight: 3, arbitrary: readingRequests },
    { weight: 3, arbitrary: writes(writable) },
    { weight: 2, arbitrary: operations },
  );
  return fc.oneof({ weight: 5, arbitrary: single }, { weight: 1, arbitrary: bundlesOf(single) });
}
