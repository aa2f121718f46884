import type { Response as InjectResponse } from 'light-my-request';
import { sqlite } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

describe('parameters of operations', () => {
  let fhir: FhirApplication;
  beforeAll(async () => {
    fhir = await fhirApplication(sqlite);
    const patient = { resourceType: 'Patient', id: 'one' };
    const payload = JSON.stringify(patient);
    const headers = { 'content-type': 'application/fhir+json' };
    await fhir.app.inject({ method: 'PUT', url: '/fhir/r4/Patient/one', headers, payload });
  });
  afterAll(() => fhir.app.close());

  const call = (path: string, ...parameter: object[]): Promise<InjectResponse> =>
    fhir.app.inject({
      method: 'POST',
      url: `/fhir/r4/${path}`,
      headers: { 'content-type': 'application/fhir+json' },
      payload: JSON.stringify({ resourceType: 'Parameters', parameter }),
    });
  const resource = { name: 'resource', resource: { resourceType: 'Patient' } };

  it.each<[path: string, parameter: object, message: string]>([
    [
      'Patient/$validate',
      { name: 'mode', valueInteger: 1 },
      '"mode" must be a valueCode (code), and is a valueInteger.',
    ],
    [
      'Patient/$validate',
      { name: 'mode', valueString: 'create' },
      '"mode" must be a valueCode (code), and is a valueString.',
    ],
    [
      'Patient/$validate',
      { name: 'mode', valueCode: 1 },
      '"mode" must be a valueCode (code), and its valueCode is no JSON string.',
    ],
    [
      'Patient/$validate',
      { name: 'mode', resource: { resourceType: 'Patient' } },
      '"mode" must be a valueCode (code), and is a resource.',
    ],
    ['Patient/$validate', { name: 'mode' }, '"mode" must be a valueCode (code), and has no value.'],
    [
      'Patient/$validate',
      { name: 'mode', valueCode: 'create', valueString: 'create' },
      '"mode" must be a valueCode (code), and is several: a valueCode, a valueString.',
    ],
    [
      'Patient/$validate',
      { name: 'profile', valueBoolean: true },
      '"profile" must be a valueUri (uri), and is a valueBoolean.',
    ],
    [
      'Patient/one/$everything',
      { name: '_since', valueDate: '2020-01-01' },
      '"_since" must be a valueInstant (instant), and is a valueDate.',
    ],
    [
      'Patient/one/$everything',
      { name: '_count', valueInteger: '5' },
      '"_count" must be a valueInteger (integer), and its valueInteger is no JSON number.',
    ],
    [
      'Patient/one/$meta-add',
      { name: 'meta', valueCoding: {} },
      '"meta" must be a valueMeta (Meta), and is a valueCoding.',
    ],
    [
      'Patient/one/$meta-add',
      { name: 'meta', valueMeta: 'x' },
      '"meta" must be a valueMeta (Meta), and its valueMeta is no JSON object.',
    ],
    [
      'Patient/one/$meta-add',
      { name: 'meta', valueMeta: null },
      '"meta" must be a valueMeta (Meta), and its valueMeta is no JSON object.',
    ],
    [
      'Observation/$lastn',
      { name: 'max', valueString: '1' },
      '"max" must be a valuePositiveInt (positiveInt), and is a valueString.',
    ],
    [
      'Observation/$lastn',
      { name: 'category', valueInteger: 1 },
      '"category" must be a valueString (string), and is a valueInteger.',
    ],
  ])('of a wrong type are refused: %s, %j', async (path, parameter, message) => {
    const answer = await call(path, resource, parameter);
    const [issue] = answer.json<{ issue: { details: { text: string }; expression?: string[] }[] }>().issue;
    expect([answer.statusCode, issue?.details.text, issue?.expression]).toEqual([
      ...[400, message, ['Parameters.parameter[1]']],
    ]);
  });

  it('that are no resource where one is meant are refused', async () => {
    const answer = await call('Patient/$validate', { name: 'resource', valueString: '{}' });
    expect([answer.statusCode, answer.body]).toEqual([
      400,
      expect.stringContaining('must be a resource (Resource), and is a valueString.'),
    ]);
  });

  it.each<[path: string, ...parameters: object[]]>([
    [
      'Patient/$validate',
      resource,
      { name: 'profile', valueCanonical: 'http://hl7.org/fhir/StructureDefinition/Patient' },
    ],
    ['Patient/one/$everything', { name: '_count', valuePositiveInt: 5 }],
    [
      'Observation/$lastn',
      { name: 'subject', valueReference: { reference: 'Patient/one' } },
      { name: 'category', valueCode: 'x' },
    ],
    [
      'Observation/$lastn',
      { name: 'patient', valueString: 'one' },
      { name: 'category', valueString: 'x' },
      { name: 'date', valueDate: '2020-01-01' },
    ],
    [
      'Observation/$lastn',
      { name: 'patient', valueString: 'one' },
      { name: 'code', valueString: 'x' },
      { name: 'status', valueCode: 'final' },
    ],
  ])('of a kind of their type are taken: %s, %j', async (path, ...parameters) => {
    expect((await call(path, ...parameters)).statusCode).toBe(200);
  });

  describe('of Observation/$lastn', () => {
    it.each([
      'category:missing=false',
      'category:missing=true',
      'code:not=x',
      'code:not-in=x',
      'combo-code:missing=true',
    ])('is told no codes by %s', async (query) => {
      const answer = await fhir.app.inject({ url: `/fhir/r4/Observation/$lastn?patient=one&${query}` });
      expect([answer.statusCode, answer.body]).toEqual([
        400,
        expect.stringContaining('which observations is said by'),
      ]);
    });

    it('takes them beside a parameter that tells', async () => {
      const url = '/fhir/r4/Observation/$lastn?patient=one&category=laboratory&code:missing=false';
      expect((await fhir.app.inject({ url })).statusCode).toBe(200);
    });
  });
});
