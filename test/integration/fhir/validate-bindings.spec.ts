import type { Response as InjectResponse } from 'light-my-request';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

describe.each(databases)('$validate with profiles that bind to value sets on $name', (database) => {
  let fhir: FhirApplication;
  beforeAll(async () => {
    fhir = await fhirApplication(database);
  });
  afterAll(() => fhir.app.close());
  afterEach(() => fhir.access.denied.clear());

  const ask = (method: 'PUT' | 'POST', path: string, payload: string): Promise<InjectResponse> =>
    fhir.app.inject({
      method,
      url: `/fhir/r4${path}`,
      headers: { 'content-type': 'application/fhir+json' },
      payload,
    });
  const found = (answer: InjectResponse): unknown =>
    answer
      .json()
      .issue.map(
        ({ severity, code, expression }: { severity: string; code: string; expression?: string[] }) => [
          severity,
          code,
          expression?.[0],
        ],
      );
  const fine = [['information', 'informational', undefined]];
  const system = 'http://example.org/CodeSystem/animals';
  const put = async (resource: { resourceType: string; id: string }): Promise<void> => {
    const { resourceType, id } = resource;
    const { statusCode, body } = await ask('PUT', `/${resourceType}/${id}`, JSON.stringify(resource));
    expect([statusCode < 300, body]).toEqual([true, expect.any(String)]);
  };
  const animals = (concept: readonly object[]) => ({
    ...{ resourceType: 'CodeSystem', id: 'animals', url: system, status: 'active', content: 'complete' },
    concept,
  });
  const valueSet = (id: string, compose: object) => ({
    ...{ resourceType: 'ValueSet', id, url: `http://example.org/ValueSet/${id}`, status: 'active' },
    compose,
  });
  const bound = (id: string, valueSet: string) => ({
    ...{ resourceType: 'StructureDefinition', id, url: `http://example.org/StructureDefinition/${id}` },
    ...{ name: 'Bound', status: 'active', kind: 'resource', abstract: false, type: 'Patient' },
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
    derivation: 'constraint',
    differential: {
      element: [
        { id: 'Patient', path: 'Patient' },
        {
          ...{ id: 'Patient.maritalStatus', path: 'Patient.maritalStatus' },
          binding: { strength: 'required', valueSet },
        },
      ],
    },
  });
  const validate = async (profile: string, coding: object): Promise<unknown> => {
    const canonical = encodeURIComponent(`http://example.org/StructureDefinition/${profile}`);
    const patient = { resourceType: 'Patient', maritalStatus: { coding: [coding] } };
    return found(await ask('POST', `/Patient/$validate?profile=${canonical}`, JSON.stringify(patient)));
  };
  const refused = [['error', 'code-invalid', 'Patient.maritalStatus']];
  const undecided = [['information', 'not-supported', 'Patient.maritalStatus']];

  it('expands filters and other value sets, and sees what changes', async () => {
    await put(animals([{ code: 'bird', concept: [{ code: 'owl' }] }, { code: 'cat' }]));
    const filter = [{ property: 'concept', op: 'descendent-of', value: 'bird' }];
    await put(valueSet('birds', { include: [{ system, filter }] }));
    const without = {
      include: [{ system }],
      exclude: [{ valueSet: ['http://example.org/ValueSet/birds'] }],
    };
    await put(valueSet('no-birds', without));
    await put(bound('is-bird', 'http://example.org/ValueSet/birds'));
    await put(bound('is-no-bird', 'http://example.org/ValueSet/no-birds'));
    const [owl, cat, jay] = ['owl', 'cat', 'jay'].map((code) => ({ system, code }));
    expect(await validate('is-bird', owl ?? {})).toEqual(fine);
    expect(await validate('is-bird', cat ?? {})).toEqual(refused);
    expect(await validate('is-no-bird', cat ?? {})).toEqual(fine);
    expect(await validate('is-no-bird', owl ?? {})).toEqual(refused);
    expect(await validate('is-bird', jay ?? {})).toEqual(refused);
    await put(animals([{ code: 'bird', concept: [{ code: 'owl' }, { code: 'jay' }] }, { code: 'cat' }]));
    expect(await validate('is-bird', jay ?? {})).toEqual(fine);
    fhir.access.denied.add('search-type CodeSystem');
    expect(await validate('is-bird', owl ?? {})).toEqual(undecided);
    fhir.access.denied.clear();
    fhir.access.denied.add('search-type ValueSet');
    expect(await validate('is-bird', owl ?? {})).toEqual(undecided);
  });

  it('knows the value sets of FHIR R4, by their own version and that of the release', async () => {
    const nullFlavor = 'http://terminology.hl7.org/ValueSet/v3-NullFlavor';
    const code = { system: 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor', code: 'UNK' };
    const other = { ...code, code: 'NOPE' };
    for (const [id, version] of Object.entries({ none: '', own: '|2018-08-12', release: '|4.0.1' })) {
      await put(bound(`null-${id}`, `${nullFlavor}${version}`));
      expect([id, await validate(`null-${id}`, code)]).toEqual([id, fine]);
      expect([id, await validate(`null-${id}`, other)]).toEqual([id, refused]);
    }
    await put(bound('null-other', `${nullFlavor}|1`));
    expect(await validate('null-other', code)).toEqual(undecided);
  });

  it('says why codes could not be looked up', async () => {
    const filter = [{ property: 'concept', op: 'is-a', value: '404684003' }];
    await put(valueSet('findings', { include: [{ system: 'http://snomed.info/sct', filter }] }));
    await put(bound('is-finding', 'http://example.org/ValueSet/findings'));
    const canonical = encodeURIComponent('http://example.org/StructureDefinition/is-finding');
    const patient = { resourceType: 'Patient', maritalStatus: { coding: [{ system, code: 'cat' }] } };
    const { issue } = (
      await ask('POST', `/Patient/$validate?profile=${canonical}`, JSON.stringify(patient))
    ).json();
    expect(issue).toEqual([expect.objectContaining({ severity: 'information', code: 'not-supported' })]);
    expect(issue[0].details.text).toContain('http://snomed.info/sct are not all known here');
  });
});
