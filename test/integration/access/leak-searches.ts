import fc from 'fast-check';
import { filtered, observationFilters, patientFilters } from './leak-filters.js';
import { resources } from './leak-resources.js';

/** A request below the base of an endpoint. */
export interface TestRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  readonly url: string;
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

const types = [...new Set(resources.map(({ resourceType }) => resourceType))];
export const type = fc.constantFrom(...types);
export const identity = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(...resources.map(({ resourceType, id }) => `${resourceType}/${id}`)),
  },
  { weight: 1, arbitrary: type.map((name) => `${name}/nobody`) },
);
export const patient = fc.constantFrom('a', 'b', 'c', 'dora', 'nobody');
const practitioner = fc.constantFrom('x', 'y');
const code = fc.constantFrom('718-7', '8867-4', '8302-2', 'http://loinc.org|718-7');

export const observationParameters = fc.oneof(
  filtered(observationFilters),
  code.map((text) => `code=${text}`),
  patient.map((id) => `subject=Patient/${id}`),
  patient.map((id) => `patient=${id}`),
  patient.map((id) => `performer=Patient/${id}`),
  // What names a patient, and what only seems to.
  patient.chain((id) =>
    fc.constantFrom(
      ...[`subject=${id}`, `subject:Patient=${id}`, `performer=${id}`, `patient=Patient/${id},Patient/b`],
      ...[`subject=Group/${id}`, `subject=Patient/${id}/_history/1`, `subject:identifier=${id}`],
      ...[`patient._id=${id}`, `encounter.patient=${id}`, `derived-from.patient=${id}`, `_id=${id}`],
      ...[`patient re Patient/${id} or status eq final`, `not (patient re Patient/${id})`].map(
        (text) => `_filter=${encodeURIComponent(text)}`,
      ),
    ),
  ),
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
    ...['category:in=urn:values', 'category:not-in=urn:values', 'category:in=ValueSet/values'],
    ...['subject:missing=true', 'device.type:text=Scale', 'device.patient=a', 'device.patient.name=kim'],
    ...['encounter.location.name=Ward', 'encounter.location.near=48.2|16.4|50|km'],
    ...[
      '_id:not=o-a-0',
      '_id=o-a-0,o-b-0,o-c-0',
      '_profile:missing=true',
      'patient:Patient.link.gender=male',
    ],
  ),
  fc.constantFrom(
    '_has:List:item:status=current',
    '_has:Observation:derived-from:status=final',
    '_has:List:item:subject.gender=male',
    '_has:Observation:derived-from:subject:Patient.gender:not=male',
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
  patient.chain((id) => fc.constantFrom(`link=Patient/${id}`, `link=${id}`, `_id=${id},b`)),
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
const otherParameters = fc.constantFrom(
  ...[
    'name=ward',
    'near=48.2|16.4|100|km',
    'near=-33|151|2000|km',
    'url=urn:values',
    '_security:missing=true',
  ],
  '_id=org',
  '_id=x',
  '_lastUpdated=ge2000',
  '_id:missing=false',
  '',
);
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

export const joined = (parts: readonly string[]): string => parts.filter((part) => part !== '').join('&');
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

/** Of compartments of each kind. */
const owner = fc.constantFrom(
  ...['Patient/a', 'Patient/b', 'Patient/nobody', 'Encounter/e-a', 'Encounter/e-b', 'Practitioner/x'],
  ...['RelatedPerson/r-b', 'Device/scale'],
);

const searches: fc.Arbitrary<TestRequest> = fc.oneof(
  search.map(({ of, query }) => ({ method: 'GET' as const, url: `${of}?${query}` })),
  search.map(({ of, query }) => ({
    ...{ method: 'POST' as const, url: `${of}/_search`, body: query },
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })),
  fc
    .tuple(owner, search)
    .map(([at, { of, query }]) => ({ method: 'GET' as const, url: `${at}/${of}?${query}` })),
  fc.tuple(owner, search).map(([at, { of, query }]) => ({
    ...{ method: 'POST' as const, url: `${at}/${of}/_search`, body: query },
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })),
  owner.map((at) => ({ method: 'GET' as const, url: `${at}/*` })),
  fc
    .tuple(search, fc.constantFrom('application/fhir+xml', 'application/fhir+json'), fc.boolean())
    .map(([{ of, query }, accept, lenient]) => ({
      ...{ method: 'GET' as const, url: `${of}?${query}` },
      headers: { accept, ...(lenient ? { prefer: 'handling=lenient' } : {}) },
    })),
);

/** Of several types or all, and what goes by words and lists. */
const wide: fc.Arbitrary<TestRequest> = fc
  .oneof(
    fc.constantFrom(
      ...['?_type=Patient,Observation&_count=4', '?_type=Condition&category=problem-list-item'],
      ...[
        '?_count=3',
        '?_id=a',
        '?_lastUpdated=ge2000&_summary=count',
        '?_list=l-a',
        '?_type=List,Encounter',
      ],
      ...[
        '?_has:Observation:subject:code=718-7&_type=Patient',
        '?_type=Patient&_revinclude=Condition:patient',
        '?_type=Location,Encounter&_revinclude:iterate=Encounter:location',
      ],
      ...['?_text=kim', '?_content=Familyb', '?_content=Clinic&_type=Organization,Patient'],
      ...['_history?_count=7', '_history?_since=2020-01-01T00:00:00Z&_count=3', '_history?_at=gt2020'],
    ),
    fc
      .tuple(type, fc.constantFrom('_since=2020-01-01T00:00:00Z', '_count=2', '_at=ge2020'))
      .map(([name, parameter]) => `${name}/_history?${parameter}`),
    fc
      .tuple(
        fc.constantFrom('Patient', 'Observation', 'Encounter', 'List'),
        fc.constantFrom(
          ...['_list=l-a', '_list=l-b', '_list=l-nobody', '_text=kim', '_content=familyb'],
          ...['_content=laboratory', '_explain=true', '_sort=-_lastUpdated', '_elements=subject,status'],
          ...['_summary=data', '_summary=text', '_count=0', '_total=accurate&_count=1'],
        ),
        results,
      )
      .map(([name, parameter, shape]) => `${name}?${joined([parameter, shape])}`),
  )
  .chain((url) => {
    const get = { method: 'GET' as const, url };
    if (!url.startsWith('?')) return fc.constant(get);
    const post = {
      ...{ method: 'POST' as const, url: '_search', body: url.slice(1) },
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    };
    return fc.constantFrom<TestRequest>(get, get, post);
  });

/** Of one type, several or all, and of the versions of many resources. */
export const searchingRequests: fc.Arbitrary<TestRequest> = fc.oneof(
  { weight: 4, arbitrary: searches },
  { weight: 1, arbitrary: wide },
);
