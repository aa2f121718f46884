import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

const base = '/fhir/r4';
const loinc = 'http://loinc.org';
const ucum = 'http://unitsofmeasure.org';
const colours = 'http://example.org/colours';
const long = `${'Abc '.repeat(100)}end`;

interface Entry {
  readonly resource: { readonly resourceType: string; readonly id: string };
  readonly search: { readonly mode: string };
}

const patient = (id: string, family: string, given: readonly string[], more: object = {}) => ({
  resourceType: 'Patient',
  id,
  name: [{ family, given }],
  ...more,
});
const observation = (id: string, code: string, more: object) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: loinc, code }] },
  ...more,
});
const period = (id: string, start: string, end?: string) => ({
  resourceType: 'Encounter',
  id,
  status: 'finished',
  class: { code: 'AMB' },
  period: { start, ...(end === undefined ? {} : { end }) },
});

const resources = [
  patient('peter', 'Müller', ['Peter', 'James'], { gender: 'male', birthDate: '2014-10-10' }),
  patient('ann', 'Brown', ['Ann'], { gender: 'female', birthDate: '2000-01' }),
  patient('kim', "O'Brien", ['Kim'], { birthDate: '1999-12-31' }),
  patient('long', long, ['Li'], {
    gender: 'other',
    managingOrganization: { reference: 'Organization/acme' },
  }),
  { resourceType: 'Organization', id: 'acme', name: 'Acme', active: true },
  observation('o1', '8867-4', {
    subject: { reference: 'Patient/peter' },
    valueQuantity: { value: 5.4, system: ucum, code: 'mg' },
  }),
  observation('o2', '8310-5', {
    subject: { reference: 'Patient/ann' },
    valueQuantity: { value: 0.0054, system: ucum, code: 'g' },
  }),
  observation('o3', '8310-5', {
    subject: { reference: 'Patient/long' },
    valueString: 'x',
    status: 'amended',
  }),
  {
    ...observation('o4', 'x', {}),
    code: {
      coding: [
        { system: colours, code: 'crimson' },
        { system: loinc, code: '8867-4' },
      ],
      text: 'red',
    },
  },
  { ...observation('o5', 'x', {}), code: { text: 'only text' } },
  period('day', '2024-01-01', '2024-01-01'),
  period('month', '2024-01-01', '2024-01-31'),
  period('open', '2023-06-01'),
  period('hour', '2024-01-01T10:00:00Z', '2024-01-01T11:00:00Z'),
  {
    resourceType: 'RiskAssessment',
    id: 'r1',
    status: 'final',
    subject: { reference: 'Patient/ann' },
    prediction: [{ probabilityDecimal: 0.8 }],
  },
  {
    resourceType: 'RiskAssessment',
    id: 'r2',
    status: 'final',
    subject: { reference: 'Patient/ann' },
    prediction: [{ probabilityRange: { low: { value: 0.5 }, high: { value: 0.9 } } }],
  },
  {
    resourceType: 'CodeSystem',
    id: 'colours',
    url: colours,
    status: 'active',
    content: 'complete',
    concept: [{ code: 'red', concept: [{ code: 'crimson' }] }],
  },
  {
    resourceType: 'ValueSet',
    id: 'reds',
    url: 'http://example.org/vs/reds',
    status: 'active',
    compose: { include: [{ system: colours, filter: [{ property: 'concept', op: 'is-a', value: 'red' }] }] },
  },
  {
    resourceType: 'Group',
    id: 'g1',
    type: 'person',
    actual: true,
    characteristic: [
      {
        code: { coding: [{ code: 'a' }] },
        valueCodeableConcept: { coding: [{ code: 'x' }] },
        exclude: false,
      },
      {
        code: { coding: [{ code: 'b' }] },
        valueCodeableConcept: { coding: [{ code: 'y' }] },
        exclude: false,
      },
    ],
  },
];

describe.each(databases)('_filter on $name', (database) => {
  let fhir: FhirApplication;

  beforeAll(async () => {
    fhir = await fhirApplication(database, { FIREKEEP_VALIDATION: 'off' });
    for (const resource of resources) {
      const answer = await fhir.app.inject({
        method: 'PUT',
        url: `${base}/${resource.resourceType}/${resource.id}`,
        headers: { 'content-type': 'application/fhir+json' },
        payload: JSON.stringify(resource),
      });
      expect([answer.statusCode, answer.body.slice(0, 900)]).toEqual([201, expect.any(String)]);
    }
  });
  afterAll(() => fhir.app.close());

  const ask = (url: string) => fhir.app.inject({ method: 'GET', url: `${base}/${url}` });
  async function found(type: string, filter: string, more = ''): Promise<readonly string[]> {
    const answer = await ask(`${type}?_filter=${encodeURIComponent(filter)}${more}`);
    expect([answer.statusCode, answer.body.slice(0, 300)]).toEqual([200, expect.any(String)]);
    const { entry = [] } = answer.json<{ entry?: Entry[] }>();
    return entry.map(({ resource }) => resource.id).sort();
  }

  test.each([
    ['Patient', 'name co "ull"', ['peter']],
    ['Patient', 'given eq "peter" and birthdate ge 2014-10-10', ['peter']],
    ['Patient', 'name eq MULLER', ['peter']],
    ['Patient', 'name eq mull', []],
    ['Patient', 'name sw mull', ['peter']],
    ['Patient', 'family ew "rien"', ['kim']],
    ['Patient', 'family ew "ler"', ['peter']],
    ['Patient', 'family ew "OBrien"', ['kim']],
    ['Patient', `family eq "${long}"`, ['long']],
    ['Patient', `family eq "${long} more"`, []],
    ['Patient', `family ew "abc end"`, ['long']],
    ['Patient', `family ew "${long}"`, ['long']],
    ['Patient', `family ew "x ${long}"`, []],
    ['Patient', `family gt "${long.slice(0, -1)}"`, ['ann', 'kim', 'long', 'peter']],
    ['Patient', `family gt "${long}"`, ['ann', 'kim', 'peter']],
    ['Patient', `family ge "${long}" and family le "${long}"`, ['long']],
    ['Patient', `family lt "${long}"`, []],
    ['Patient', 'family gt brown', ['kim', 'peter']],
    ['Patient', 'family ge brown', ['ann', 'kim', 'peter']],
    ['Patient', 'family lt brown', ['long']],
    ['Patient', 'family le brown', ['ann', 'long']],
    ['Patient', 'given ne peter', ['ann', 'kim', 'long', 'peter']],
    ['Patient', 'family ne brown', ['kim', 'long', 'peter']],
    ['Patient', 'gender ne male', ['ann', 'long']],
    ['Patient', 'not (gender eq male)', ['ann', 'kim', 'long']],
    ['Patient', 'gender pr false', ['kim']],
    ['Patient', 'gender eq male or gender eq female and birthdate lt 2001', ['ann']],
    ['Patient', 'gender eq male or (gender eq female and birthdate lt 2001)', ['ann', 'peter']],
    ['Patient', 'organization.name eq acme', ['long']],
    ['Patient', 'organization[active eq true].name eq acme', ['long']],
    ['Patient', 'organization[active eq false].name eq acme', []],
    ['Patient', '_id eq ann or _id eq kim', ['ann', 'kim']],
    ['Patient', '_lastUpdated gt 2000 and _id ne ann', ['kim', 'long', 'peter']],
    ['Observation', 'subject.name co "mul"', ['o1']],
    ['Observation', 'subject.organization.name eq acme', ['o3']],
    ['Observation', 'subject[gender eq female].birthdate eq 2000', ['o2']],
    ['Observation', 'subject[gender eq male].birthdate eq 2000', []],
    ['Observation', 'subject re Patient/ann', ['o2']],
    ['Observation', 'subject re http://fhir.example.org/fhir/r4/Patient/ann', ['o2']],
    ['Observation', 'code eq http://loinc.org|8867-4', ['o1', 'o4']],
    ['Observation', 'code eq loinc|8867-4', ['o1', 'o4']],
    ['Observation', 'code ne loinc|8867-4', ['o2', 'o3', 'o4']],
    ['Observation', 'code ne http://example.org/unheard-of|x', ['o1', 'o2', 'o3', 'o4']],
    ['Observation', 'code pr true', ['o1', 'o2', 'o3', 'o4', 'o5']],
    ['Observation', 'code in http://example.org/vs/reds', ['o4']],
    ['Observation', 'code ni ValueSet/reds', ['o1', 'o2', 'o3', 'o5']],
    ['Observation', `code ss ${colours}|red`, ['o4']],
    ['Observation', `code sb ${colours}|red`, []],
    ['Observation', 'value-quantity eq 5.4|ucum|mg', ['o1', 'o2']],
    ['Observation', 'value-quantity gt 5|ucum|mg and status eq final', ['o1', 'o2']],
    ['Observation', 'code-value-quantity eq 8867-4$gt5', ['o1']],
    ['Encounter', 'date co 2024-01-01', ['day', 'month', 'open']],
    ['Encounter', 'date co 2024-01-01T10:30:00Z', ['day', 'hour', 'month', 'open']],
    ['Encounter', 'date co 2024-01-15', ['month', 'open']],
    ['Encounter', 'date po 2024-01-31', ['month', 'open']],
    ['Encounter', 'date eq 2024-01-01', ['day', 'hour']],
    ['Encounter', 'date sa 2023-12', ['day', 'hour', 'month']],
    ['RiskAssessment', 'probability co 0.77', ['r1', 'r2']],
    ['RiskAssessment', 'probability co 0.6', ['r2']],
    ['RiskAssessment', 'probability co 0.85', ['r2']],
    ['RiskAssessment', 'probability eq 0.8', ['r1']],
    ['Group', 'characteristic[code eq a].value eq x', ['g1']],
    ['Group', 'characteristic[code eq a].value eq y', []],
    ['Group', 'characteristic[code eq c or code eq b].value eq y', ['g1']],
    ['ValueSet', 'url eq http://example.org/vs/reds', ['reds']],
  ])('%# %s by a filter', async (type, filter, ids) => {
    expect(await found(type, filter)).toEqual(ids);
  });

  test('stands beside other parameters, several times, in compartments and in POST', async () => {
    expect(await found('Patient', 'gender pr true', '&birthdate=lt2010')).toEqual(['ann']);
    expect(await found('Patient', 'gender pr true', '&_filter=birthdate%20pr%20true')).toEqual([
      'ann',
      'peter',
    ]);
    expect(await found('Patient/ann/Observation', 'value-quantity pr true')).toEqual(['o2']);
    const posted = await fhir.app.inject({
      method: 'POST',
      url: `${base}/Patient/_search`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: '_filter=name+co+%22ull%22',
    });
    expect(posted.json<{ entry: Entry[] }>().entry.map(({ resource }) => resource.id)).toEqual(['peter']);
  });

  test('pages, order, totals, includes and the self link hold for it', async () => {
    const filter = encodeURIComponent('name pr true and _id ne kim');
    const ids: string[] = [];
    let url = `Patient?_filter=${filter}&_sort=family&_count=1&_total=accurate`;
    for (;;) {
      const bundle = (await ask(url)).json<{
        total: number;
        entry: Entry[];
        link: { relation: string; url: string }[];
      }>();
      expect(bundle.total).toBe(3);
      expect(bundle.link.find(({ relation }) => relation === 'self')?.url).toContain('_filter=');
      ids.push(...bundle.entry.map(({ resource }) => resource.id));
      const next = bundle.link.find(({ relation }) => relation === 'next')?.url;
      if (next === undefined) break;
      url = next.slice(next.indexOf('Patient?'));
    }
    expect(ids).toEqual(['long', 'ann', 'peter']);
    expect(await found('Observation', 'subject.name co mul', '&_include=Observation:subject')).toEqual([
      'o1',
      'peter',
    ]);
  });

  test('a faulty filter is refused with its place, under either handling', async () => {
    for (const handling of ['strict', 'lenient']) {
      const answer = await fhir.app.inject({
        method: 'GET',
        url: `${base}/Patient?_filter=${encodeURIComponent('name eq a and nobody eq b')}`,
        headers: { prefer: `handling=${handling}` },
      });
      expect(answer.statusCode).toBe(400);
      expect(answer.body).toContain('FHIR_SEARCH_INVALID_FILTER');
      expect(answer.body).toContain('character 15');
    }
    expect(
      (await ask(`Observation?_filter=${encodeURIComponent('code in http://example.org/none')}`)).statusCode,
    ).toBe(422);
  });

  test('criteria of conditional interactions take it', async () => {
    const create = (filter: string) =>
      fhir.app.inject({
        method: 'POST',
        url: `${base}/Organization`,
        headers: {
          'content-type': 'application/fhir+json',
          'if-none-exist': `_filter=${encodeURIComponent(filter)}`,
        },
        payload: JSON.stringify({ resourceType: 'Organization', name: 'Best' }),
      });
    expect((await create('name eq acme')).statusCode).toBe(200);
    expect((await create('name eq best and name ne acme')).statusCode).toBe(201);
    expect((await create('name eq best and name ne acme')).statusCode).toBe(200);
  });

  test('is in the CapabilityStatement', async () => {
    const { rest } = (await ask('metadata')).json<{
      rest: { resource: { searchParam: { name: string }[] }[] }[];
    }>();
    const resource = rest[0]?.resource[0];
    expect(resource?.searchParam).toContainEqual({
      name: '_filter',
      definition: 'http://hl7.org/fhir/SearchParameter/filter',
      type: 'special',
    });
  });
});
