/** A request for one way by which stored resources may be shown. */
export interface Way {
  readonly method: string;
  /** Below the base. */
  readonly url: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request about a patient's record; the record is named by the id of its Patient, and all of it holds the word. */
export interface Disclosure {
  of(id: string, word: string): Way;
  /** Of what tells something of the record without the word, or what shows nothing of it; absent: the word shows. */
  readonly shows?: 'something' | 'nothing';
}

const fhirJson = 'application/fhir+json';
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const full = { prefer: 'return=representation' };
const jsonPatch = { 'content-type': 'application/json-patch+json' };

interface Sample {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

/** A record: the patient, and one of each type that some way is about. */
export function record(id: string, word: string): readonly Sample[] {
  const subject = { reference: `Patient/${id}` };
  const identifier = [{ system: 'urn:word', value: word }];
  const meta = { tag: [{ system: 'urn:word', code: word }] };
  return [
    { resourceType: 'Patient', id, meta, identifier },
    { resourceType: 'Encounter', id, meta, identifier, status: 'finished', class: { code: 'AMB' }, subject },
    {
      ...{ resourceType: 'Observation', id, meta, identifier, status: 'final', subject },
      ...{ code: { text: word }, category: [{ coding: [{ system: 'urn:c', code: 'c' }] }] },
    },
    {
      ...{ resourceType: 'Composition', id, meta, identifier: identifier[0], status: 'final', subject },
      ...{ type: { text: 'Letter' }, title: word, date: '2026-01-01', author: [subject] },
    },
  ];
}

const read = (url: (id: string) => string, shows?: Disclosure['shows']): Disclosure => ({
  of: (id) => ({ method: 'GET', url: url(id) }),
  ...(shows === undefined ? {} : { shows }),
});
const post = (url: (id: string) => string, body: unknown, shows?: Disclosure['shows']): Disclosure => ({
  of: (id) => ({ method: 'POST', url: url(id), body }),
  ...(shows === undefined ? {} : { shows }),
});
const search = (url: (id: string) => string, query: (id: string) => string): Disclosure => ({
  of: (id) => ({ method: 'POST', url: url(id), body: query(id), headers: form }),
});
const patient = (id: string, word: string): object => record(id, word)[0] ?? {};
const patched = [{ op: 'add', path: '/active', value: true }];
const noTag = {
  resourceType: 'Parameters',
  parameter: [{ name: 'meta', valueMeta: { tag: [{ system: 'urn:t', code: 'none' }] } }],
};
const bundle = (type: string, ...entry: readonly object[]): object => ({
  resourceType: 'Bundle',
  type,
  entry,
});

/** By method and path of the routes below an endpoint. */
export const routes: Readonly<Record<string, readonly Disclosure[]>> = {
  'GET metadata': [read(() => 'metadata', 'nothing')],
  'GET .well-known/smart-configuration': [read(() => '.well-known/smart-configuration', 'nothing')],
  'POST ': [
    post(() => '', bundle('batch'), 'nothing'),
    {
      of: (id) => ({
        ...{ method: 'POST', url: '' },
        body: bundle('transaction', { request: { method: 'GET', url: `Patient/${id}` } }),
      }),
    },
  ],
  'GET ': [read((id) => `?_type=Patient&_id=${id}`)],
  'POST _search': [
    search(
      () => '_search',
      (id) => `_type=Patient&_id=${id}`,
    ),
  ],
  'GET :type': [
    read((id) => `Patient?_id=${id}`),
    read((id) => `Observation?subject=Patient/${id}&_include=Observation:subject`),
    read((id) => `Patient?_id=${id}&_revinclude=Observation:subject`),
  ],
  'POST :type/_search': [
    search(
      () => 'Patient/_search',
      (id) => `_id=${id}`,
    ),
  ],
  'GET :type/:id/:member': [read((id) => `Patient/${id}/Observation`)],
  'POST :type/:id/:member/_search': [
    search(
      (id) => `Patient/${id}/Observation/_search`,
      () => '_count=5',
    ),
  ],
  'POST :type': [
    {
      of: (id, word) => ({
        ...{ method: 'POST', url: 'Patient', body: { resourceType: 'Patient', identifier: [{ value: id }] } },
        headers: { 'if-none-exist': `identifier=urn:word|${word}` },
      }),
    },
  ],
  'GET :type/:id': [
    read((id) => `Patient/${id}`),
    { of: (id) => ({ method: 'GET', url: `Patient/${id}`, headers: { accept: 'application/fhir+xml' } }) },
    { of: (id) => ({ method: 'GET', url: `Patient/${id}?_elements=identifier` }) },
  ],
  'PUT :type/:id': [{ of: (id, word) => ({ method: 'PUT', url: `Patient/${id}`, body: patient(id, word) }) }],
  'PUT :type': [
    {
      of: (id, word) => ({
        ...{ method: 'PUT', url: `Patient?identifier=urn:word|${word}`, body: patient(id, word) },
      }),
    },
  ],
  'DELETE :type/:id': [{ of: (id) => ({ method: 'DELETE', url: `Observation/${id}` }), shows: 'nothing' }],
  'DELETE :type': [
    {
      of: (id) => ({ method: 'DELETE', url: `Observation?subject=Patient/${id}` }),
      shows: 'nothing',
    },
  ],
  'PATCH :type/:id': [
    { of: (id) => ({ method: 'PATCH', url: `Patient/${id}`, body: patched, headers: jsonPatch }) },
    {
      of: (id) => ({
        ...{ method: 'PATCH', url: `Patient/${id}`, headers: jsonPatch },
        body: [{ op: 'test', path: '/id', value: id }],
      }),
    },
  ],
  'PATCH :type': [
    {
      of: (_id, word) => ({
        ...{ method: 'PATCH', url: `Patient?identifier=urn:word|${word}`, body: patched, headers: jsonPatch },
      }),
    },
  ],
  'GET _history': [read(() => '_history?_count=5')],
  'GET :type/_history': [read(() => 'Patient/_history?_count=5')],
  'GET :type/:id/_history': [read((id) => `Patient/${id}/_history`)],
  'GET :type/:id/_history/:vid': [read((id) => `Patient/${id}/_history/1`)],
};

/** By name (with its types), level and method of the operations. */
export const operations: Readonly<Record<string, readonly Disclosure[]>> = {
  'meta system GET': [read(() => '$meta', 'something')],
  'meta system POST': [post(() => '$meta', undefined, 'something')],
  'meta type GET': [read(() => 'Patient/$meta', 'something')],
  'meta type POST': [post(() => 'Patient/$meta', undefined, 'something')],
  'meta instance GET': [read((id) => `Patient/${id}/$meta`)],
  'meta instance POST': [post((id) => `Patient/${id}/$meta`, undefined)],
  'meta-add instance POST': [post((id) => `Patient/${id}/$meta-add`, noTag)],
  'meta-delete instance POST': [
    post((id) => `Patient/${id}/$meta-delete`, noTag),
    {
      of: (id) => ({
        ...{ method: 'POST', url: `Patient/${id}/$meta-delete`, body: noTag },
        headers: { prefer: 'return=minimal' },
      }),
    },
  ],
  // What is sent, and no patient's.
  'validate type GET': [read(() => 'Patient/$validate', 'nothing')],
  'validate type POST': [post(() => 'Patient/$validate', { resourceType: 'Patient' }, 'nothing')],
  'validate instance GET': [read((id) => `Patient/${id}/$validate`, 'something')],
  'validate instance POST': [post((id) => `Patient/${id}/$validate`, undefined, 'something')],
  'everything(Patient) instance GET': [read((id) => `Patient/${id}/$everything`)],
  'everything(Patient) instance POST': [post((id) => `Patient/${id}/$everything`, undefined)],
  'everything(Encounter) instance GET': [read((id) => `Encounter/${id}/$everything`)],
  'everything(Encounter) instance POST': [post((id) => `Encounter/${id}/$everything`, undefined)],
  'lastn(Observation) type GET': [read((id) => `Observation/$lastn?patient=${id}&category=urn:c|c`)],
  'lastn(Observation) type POST': [
    {
      of: (id) => ({
        ...{ method: 'POST', url: 'Observation/$lastn' },
        body: {
          resourceType: 'Parameters',
          parameter: [
            { name: 'patient', valueString: id },
            { name: 'category', valueString: 'urn:c|c' },
          ],
        },
      }),
    },
  ],
  'document(Composition) type GET': [read((id) => `Composition/$document?id=${id}`)],
  'document(Composition) type POST': [
    {
      of: (id) => ({
        ...{ method: 'POST', url: 'Composition/$document' },
        body: { resourceType: 'Parameters', parameter: [{ name: 'id', valueUri: id }] },
      }),
    },
  ],
  'document(Composition) instance GET': [read((id) => `Composition/${id}/$document`)],
  'document(Composition) instance POST': [post((id) => `Composition/${id}/$document`, undefined)],
  ...Object.fromEntries(
    // Counts of the index, for administrators.
    ['system', 'type', 'instance'].flatMap((level) =>
      ['GET', 'POST'].map((method) => [
        `reindex ${level} ${method}`,
        [
          {
            of: (id: string) => ({
              method,
              url: `${{ system: '', type: 'Patient/', instance: `Patient/${id}/` }[level] ?? ''}$reindex`,
            }),
            shows: 'nothing' as const,
          },
        ],
      ]),
    ),
  ),
};

/** Entries of Bundles, by the interaction that answers them. */
export const entries: Readonly<Record<string, Disclosure>> = {
  capabilities: read(() => 'metadata', 'nothing'),
  create: {
    of: (id, word) => ({
      ...{ method: 'POST', url: 'Patient', body: { resourceType: 'Patient', identifier: [{ value: id }] } },
      headers: { 'if-none-exist': `identifier=urn:word|${word}` },
    }),
  },
  update: { of: (id, word) => ({ method: 'PUT', url: `Patient/${id}`, body: patient(id, word) }) },
  'conditional-update': {
    of: (id, word) => ({
      method: 'PUT',
      url: `Patient?identifier=urn:word|${word}`,
      body: patient(id, word),
    }),
  },
  patch: { of: (id) => ({ method: 'PATCH', url: `Patient/${id}`, body: binary(patched) }) },
  'conditional-patch': {
    of: (_id, word) => ({
      ...{ method: 'PATCH', url: `Patient?identifier=urn:word|${word}`, body: binary(patched) },
    }),
  },
  delete: { of: (id) => ({ method: 'DELETE', url: `Observation/${id}` }), shows: 'nothing' },
  'conditional-delete': {
    of: (id) => ({ method: 'DELETE', url: `Observation?subject=Patient/${id}` }),
    shows: 'nothing',
  },
  read: read((id) => `Patient/${id}`),
  vread: read((id) => `Patient/${id}/_history/1`),
  'history-instance': read((id) => `Patient/${id}/_history`),
  'history-type': read(() => 'Patient/_history?_count=5'),
  'history-system': read(() => '_history?_count=5'),
  'search-type': read((id) => `Patient?_id=${id}`),
  'search-system': read((id) => `?_type=Patient&_id=${id}`),
  'compartment-search': read((id) => `Patient/${id}/Observation`),
  operation: read((id) => `Patient/${id}/$meta`),
};

/** A Bundle of one entry that asks the same. */
export function inBundle(type: 'batch' | 'transaction', { method, url, body, headers }: Way): Way {
  const { 'if-none-exist': ifNoneExist } = headers ?? {};
  const request = { method, url, ...(ifNoneExist === undefined ? {} : { ifNoneExist }) };
  const entry = { request, ...(body === undefined ? {} : { resource: body }) };
  return { method: 'POST', url: '', body: bundle(type, entry), headers: full };
}

/** What has to be sent, with its type. */
export function payloadOf({ body, headers = {} }: Way): {
  readonly payload?: string;
  readonly headers: Readonly<Record<string, string>>;
} {
  if (body === undefined) return { headers };
  if (typeof body === 'string') return { payload: body, headers };
  return { payload: JSON.stringify(body), headers: { 'content-type': fhirJson, ...headers } };
}

function binary(patch: object): object {
  return {
    ...{ resourceType: 'Binary', contentType: 'application/json-patch+json' },
    data: Buffer.from(JSON.stringify(patch)).toString('base64'),
  };
}
