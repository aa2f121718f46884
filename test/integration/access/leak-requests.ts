import fc from 'fast-check';
import { resources } from './leak-resources.js';

export interface TestRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  readonly url: string;
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

const types = [...new Set(resources.map(({ resourceType }) => resourceType))];
const type = fc.constantFrom(...types);
const identity = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(...resources.map(({ resourceType, id }) => `${resourceType}/${id}`)),
  },
  { weight: 1, arbitrary: type.map((name) => `${name}/nobody`) },
);
const patient = fc.constantFrom('a', 'b', 'c', 'dora', 'nobody');
const practitioner = fc.constantFrom('x', 'y');
const code = fc.constantFrom('718-7', '8867-4', '8302-2', 'http://loinc.org|718-7');

const patientFilters = [
  ...[
    'gender eq female',
    'gender ne male',
    'name co "kim"',
    'name gt m',
    'birthdate ge 1951 and active eq true',
  ],
  ...[
    'link.gender eq male',
    'general-practitioner[family sw X].family ew u',
    'organization.name eq "Clinic"',
  ],
  ...[
    'not (link.name co "kim")',
    '_id eq b or _id eq dora',
    'organization.name pr false',
    'link re Patient/b',
  ],
];
const observationFilters = [
  ...['code eq loinc|718-7', 'subject.name co "family"', 'patient[gender eq male].birthdate ge 1951'],
  ...['not (subject.family eq "Familyb")', 'subject re Patient/b or performer re Patient/a', 'date po 2020'],
  ...['derived-from.patient.gender eq male', 'encounter[status eq finished].participant.family co "oun"'],
  ...['category ne laboratory and value-quantity gt 12', 'encounter.participant pr true', 'status ne final'],
];
const filtered = (filters: readonly string[]) =>
  fc
    .tuple(fc.constantFrom(...filters), fc.constantFrom('and', 'or'), fc.constantFrom(...filters))
    .map(([one, word, other]) => `_filter=${encodeURIComponent(`${one} ${word} (${other})`)}`);
const observationParameters = fc.oneof(
  filtered(observationFilters),
  code.map((text) => `code=${text}`),
  patient.map((id) => `subject=Patient/${id}`),
  patient.map((id) => `patient=${id}`),
  patient.map((id) => `performer=Patient/${id}`),
  fc.constantFrom('status=final', 'status:not=final', 'category=laboratory', 'category:not=laboratory'),
  fc.constantFrom(
    'date=ge2020-05-01',
    'date=2020',
    'date:missing=false',
    'value-quantity=gt12',
    'derived-from:missing=true',
  ),
  fc.constantFrom(
    'subject:Patient.gender=female',
    'patient.name=family',
    'patient.birthdate=ge1951',
    'patient.active=true',
  ),
  patient.map((id) => `subject:Patient.family=Family${id}`),
  practitioner.map((id) => `performer:Practitioner.family=${id}`),
  fc.constantFrom(
    'encounter.participant.family=Young',
    'encounter.status=finished',
    'patient.general-practitioner.family=Xu',
  ),
  fc.constantFrom(
    'patient.organization.name=Clinic',
    'derived-from.code=718-7',
    'derived-from.patient.gender=male',
  ),
  fc.constantFrom(
    '_has:List:item:status=current',
    '_has:Observation:derived-from:status=final',
    '_has:List:item:subject.gender=male',
  ),
);
const patientParameters = fc.oneof(
  filtered(patientFilters),

  fc.constantFrom(
    'gender=female',
    'name=kim',
    'active=true',
    'birthdate=ge1951',
    'identifier=urn:mrn|m-b',
    'gender:not=male',
  ),
  patient.map((id) => `_id=${id}`),
  patient.map((id) => `family=Family${id}`),
  code.map((text) => `_has:Observation:patient:code=${text}`),
  fc.constantFrom(
    '_has:Observation:subject:status=final',
    '_has:Condition:patient:category=encounter-diagnosis',
  ),
  fc.constantFrom(
    '_has:Encounter:patient:_has:Observation:encounter:code=718-7',
    'link.gender=male',
    'link.name=kim',
  ),
  fc.constantFrom(
    'general-practitioner.family=Xu',
    'organization.name=Clinic',
    '_has:Patient:link:gender=female',
  ),
);
const conditionParameters = fc.oneof(
  fc.constantFrom(
    'category=problem-list-item',
    'clinical-status=active',
    'asserter:missing=true',
    'patient.gender=male',
  ),
  patient.map((id) => `patient=Patient/${id}`),
  fc.constantFrom('encounter.status=finished', 'asserter.gender=female', 'subject:Patient.name=kim'),
);
const otherParameters = fc.constantFrom('_id=org', '_id=x', '_lastUpdated=ge2000', '_id:missing=false', '');
const results = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...[
        '_total=accurate',
        '_summary=count',
        '_count=2',
        '_count=1&_total=accurate',
        '_count=3&_sort=-_lastUpdated',
      ],
      ...['_sort=_id', '_sort=-_id&_count=3', '_elements=id', '_summary=true', '_total=estimate'],
    ),
  },
);
const observationResults = fc.constantFrom(
  ...[
    '_include=Observation:subject',
    '_include=Observation:patient',
    '_include=Observation:performer',
    '_include=*',
  ],
  ...['_include=Observation:encounter&_include:iterate=Encounter:participant', '_revinclude=List:item'],
  ...['_include=Observation:derived-from&_include:iterate=Observation:derived-from', '_revinclude=*'],
  ...[
    '_revinclude=Observation:derived-from',
    '_sort=date',
    '_sort=-date&_count=2',
    '_sort=code,-date',
    '_sort=value-quantity',
  ],
  ...[
    '_sort=subject&_count=4',
    '_include=Observation:subject:Patient&_include:iterate=Patient:general-practitioner',
    '',
  ],
);
const patientResults = fc.constantFrom(
  ...[
    '_revinclude=Observation:subject',
    '_revinclude=Observation:performer',
    '_include=Patient:link',
    '_revinclude=*',
  ],
  ...[
    '_revinclude=Condition:patient&_revinclude:iterate=Observation:derived-from',
    '_sort=family',
    '_sort=-birthdate',
  ],
  ...['_include=Patient:general-practitioner&_include=Patient:organization', '_sort=birthdate&_count=1', ''],
);

const joined = (parts: readonly string[]): string => parts.filter((part) => part !== '').join('&');
const search = fc.oneof(
  fc
    .tuple(fc.array(observationParameters, { maxLength: 3 }), results, observationResults)
    .map(([filters, ...shape]) => ({ of: 'Observation', query: joined([...filters, ...shape]) })),
  fc
    .tuple(fc.array(patientParameters, { maxLength: 3 }), results, patientResults)
    .map(([filters, ...shape]) => ({ of: 'Patient', query: joined([...filters, ...shape]) })),
  fc
    .tuple(fc.array(conditionParameters, { maxLength: 2 }), results)
    .map(([filters, shape]) => ({ of: 'Condition', query: joined([...filters, shape]) })),
  fc.tuple(type, otherParameters, results).map(([of, ...parts]) => ({ of, query: joined(parts) })),
);

const searches: fc.Arbitrary<TestRequest> = fc.oneof(
  search.map(({ of, query }) => ({ method: 'GET' as const, url: `${of}?${query}` })),
  search.map(({ of, query }) => ({
    ...{ method: 'POST' as const, url: `${of}/_search`, body: query },
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })),
  fc
    .tuple(
      fc.constantFrom('Patient/a', 'Patient/b', 'Encounter/e-a', 'Practitioner/x', 'Patient/nobody'),
      search,
    )
    .map(([owner, { of, query }]) => ({ method: 'GET' as const, url: `${owner}/${of}?${query}` })),
  patient.map((id) => ({ method: 'GET' as const, url: `Patient/${id}/*` })),
);

const reads: fc.Arbitrary<TestRequest> = fc.oneof(
  identity.map((url) => ({ method: 'GET' as const, url })),
  identity.map((url) => ({ method: 'HEAD' as const, url })),
  identity.map((url) => ({ method: 'GET' as const, url, headers: { 'if-none-match': 'W/"1"' } })),
  identity.map((url) => ({ method: 'GET' as const, url, headers: { 'if-none-match': 'W/"9"' } })),
  identity.map((url) => ({ method: 'GET' as const, url: `${url}/_history` })),
  identity.map((url) => ({ method: 'GET' as const, url: `${url}/_history/1` })),
  identity.map((url) => ({ method: 'GET' as const, url: `${url}/$meta` })),
  type.map((name) => ({ method: 'GET' as const, url: `${name}/_history?_count=5` })),
  fc.constant({ method: 'GET' as const, url: '_history?_count=7' }),
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

const single = fc.oneof(
  { weight: 6, arbitrary: searches },
  { weight: 3, arbitrary: reads },
  { weight: 2, arbitrary: writes },
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
