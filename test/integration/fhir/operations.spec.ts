import type { InjectOptions, Response as InjectResponse } from 'light-my-request';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

const json = 'application/fhir+json';
const parameters = (...list: readonly object[]): string =>
  JSON.stringify({ resourceType: 'Parameters', parameter: list });
const meta = (value: object): string => parameters({ name: 'meta', valueMeta: value });

describe.each(databases)('operations on $name', (database) => {
  let fhir: FhirApplication;
  beforeAll(async () => {
    fhir = await fhirApplication(database);
  });
  afterAll(() => fhir.app.close());
  afterEach(() => fhir.access.denied.clear());

  const ask = (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: string,
    headers: InjectOptions['headers'] = {},
  ): Promise<InjectResponse> =>
    fhir.app.inject({
      method,
      url: `/fhir/r4${path}`,
      headers: { ...(body === undefined ? {} : { 'content-type': json }), ...headers },
      ...(body === undefined ? {} : { payload: body }),
    });
  const store = async (id: string, more: object = {}): Promise<void> => {
    const answer = await ask(
      'PUT',
      `/Patient/${id}`,
      JSON.stringify({ resourceType: 'Patient', id, ...more }),
    );
    expect(answer.statusCode).toBeLessThan(300);
  };
  const found = (answer: InjectResponse): readonly [string, string, string | undefined][] => {
    expect([answer.statusCode, answer.json().resourceType]).toEqual([200, 'OperationOutcome']);
    return answer
      .json()
      .issue.map(
        ({ severity, code, expression }: { severity: string; code: string; expression?: string[] }) => [
          severity,
          code,
          expression?.[0],
        ],
      );
  };
  const fine = [['information', 'informational', undefined]];

  describe('$validate', () => {
    it('takes a resource as it is, or as a parameter', async () => {
      expect(found(await ask('POST', '/Patient/$validate', '{"resourceType":"Patient"}'))).toEqual(fine);
      const wrong = { resourceType: 'Patient', gender: 'm' };
      expect(found(await ask('POST', '/Patient/%24validate', JSON.stringify(wrong)))).toEqual([
        ['error', 'code-invalid', 'Patient.gender'],
      ]);
      const wrapped = parameters(
        { name: 'mode', valueCode: 'create' },
        { name: 'resource', resource: wrong },
      );
      expect(found(await ask('POST', '/Patient/$validate', wrapped))).toEqual([
        ['error', 'code-invalid', 'Parameters.parameter[1].resource.gender'],
      ]);
      const xml = await ask('POST', '/Patient/$validate', '<Patient xmlns="http://hl7.org/fhir"/>', {
        'content-type': 'application/fhir+xml',
        accept: 'application/fhir+xml',
      });
      expect(xml.body).toContain('<severity value="information"/>');
    });

    it('sees numbers as they are written in a parameter', async () => {
      const body =
        '{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{"resourceType":"Patient","multipleBirthInteger":1.0}}]}';
      expect(found(await ask('POST', '/Patient/$validate', body))[0]?.[0]).toBe('error');
    });

    it('stores nothing', async () => {
      const before = (await ask('GET', '/Basic?_summary=count')).json().total;
      await ask('POST', '/Basic/$validate', '{"resourceType":"Basic","code":{"text":"x"}}');
      expect((await ask('GET', '/Basic?_summary=count')).json().total).toBe(before);
    });

    it('names a resource of another type than the address', async () => {
      const answer = await ask('POST', '/Patient/$validate', '{"resourceType":"Basic","code":{"text":"x"}}');
      expect(found(answer)).toEqual([['error', 'invalid', 'Basic']]);
    });

    it('validates what is stored where no resource is sent', async () => {
      await store('checked');
      expect(found(await ask('GET', '/Patient/checked/$validate'))).toEqual(fine);
      expect((await ask('GET', '/Patient/nobody/$validate')).statusCode).toBe(404);
      expect((await ask('POST', '/Patient/$validate')).statusCode).toBe(400);
    });

    it('tells whether an update would pass', async () => {
      await store('updated');
      const update = '/Patient/updated/$validate?mode=update';
      expect(found(await ask('POST', update, '{"resourceType":"Patient","id":"updated"}'))).toEqual(fine);
      expect(found(await ask('POST', update, '{"resourceType":"Patient","id":"other"}'))).toEqual([
        ['error', 'value', 'Patient.id'],
      ]);
      const create = '/Patient/updated/$validate?mode=create';
      expect(found(await ask('POST', create, '{"resourceType":"Patient"}'))).toEqual([
        ['error', 'duplicate', 'Patient'],
      ]);
    });

    it('tells whether a deletion would pass', async () => {
      await store('deleted');
      expect(found(await ask('GET', '/Patient/deleted/$validate?mode=delete'))).toEqual(fine);
      await ask('DELETE', '/Patient/deleted');
      expect(found(await ask('GET', '/Patient/deleted/$validate?mode=delete'))).toEqual([
        ['error', 'deleted', undefined],
      ]);
      expect(found(await ask('GET', '/Patient/nobody/$validate?mode=delete'))).toEqual([
        ['error', 'not-found', undefined],
      ]);
    });

    it.each([
      ['http://hl7.org/fhir/StructureDefinition/Patient', fine],
      ['http://hl7.org/fhir/StructureDefinition/Patient|4.0.1', fine],
      ['http://hl7.org/fhir/StructureDefinition/Basic', [['error', 'invalid', 'Patient']]],
      ['http://example.org/StructureDefinition/mine', [['error', 'not-supported', 'Patient']]],
    ])('says of the profile %s what it can', async (profile, expected) => {
      const query = `?mode=profile&profile=${encodeURIComponent(profile)}`;
      expect(found(await ask('POST', `/Patient/$validate${query}`, '{"resourceType":"Patient"}'))).toEqual(
        expected,
      );
    });

    it('validates against profiles of FHIR R4, asked for and claimed', async () => {
      const vitalSigns = 'http://hl7.org/fhir/StructureDefinition/vitalsigns';
      const observation = { resourceType: 'Observation', status: 'final', code: { text: 'Pulse' } };
      const missing = ['error', 'required', 'Observation.category'];
      const asked = `/Observation/$validate?profile=${encodeURIComponent(vitalSigns)}`;
      expect(found(await ask('POST', asked, JSON.stringify(observation)))).toContainEqual(missing);
      const claiming = { ...observation, meta: { profile: [vitalSigns] } };
      expect(found(await ask('POST', '/Observation/$validate', JSON.stringify(claiming)))).toContainEqual(
        missing,
      );
    });

    it('validates against profiles and value sets of the repository, as far as the caller may read them', async () => {
      const url = 'http://example.org/StructureDefinition/named-patient';
      const genders = 'http://example.org/ValueSet/genders';
      const gender = { system: 'http://hl7.org/fhir/administrative-gender', concept: [{ code: 'female' }] };
      const profile = (version: string, element: object[]) => ({
        ...{ resourceType: 'StructureDefinition', id: `named-${version}`, url, version, name: 'Named' },
        ...{
          status: version === '1' ? 'active' : 'draft',
          kind: 'resource',
          abstract: false,
          type: 'Patient',
        },
        baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
        derivation: 'constraint',
        differential: { element: [{ id: 'Patient', path: 'Patient' }, ...element] },
      });
      const valueSet = {
        ...{ resourceType: 'ValueSet', id: 'genders', url: genders, status: 'active' },
        compose: { include: [gender] },
      };
      const named = { id: 'Patient.name', path: 'Patient.name', min: 1 };
      const bound = {
        ...{ id: 'Patient.gender', path: 'Patient.gender' },
        binding: { strength: 'required', valueSet: genders },
      };
      for (const resource of [valueSet, profile('1', [named]), profile('2', [named, bound])]) {
        const { resourceType, id } = resource;
        const stored = await ask('PUT', `/${resourceType}/${id}`, JSON.stringify(resource));
        expect([stored.statusCode, stored.body]).toEqual([201, expect.any(String)]);
      }
      const validate = async (canonical: string) =>
        found(
          await ask(
            'POST',
            `/Patient/$validate?profile=${encodeURIComponent(canonical)}`,
            '{"resourceType":"Patient","gender":"male"}',
          ),
        );
      const unnamed = ['error', 'required', 'Patient.name'];
      expect(await validate(url)).toEqual([unnamed]);
      expect(await validate(`${url}|2`)).toEqual([unnamed, ['error', 'code-invalid', 'Patient.gender']]);
      expect(await validate(`${url}|3`)).toEqual([['error', 'not-supported', 'Patient']]);
      fhir.access.denied.add('search-type StructureDefinition');
      expect(await validate(url)).toEqual([['error', 'not-supported', 'Patient']]);
      fhir.access.denied.clear();
    });

    it('says which claimed profiles it does not know', async () => {
      const body = '{"resourceType":"Patient","meta":{"profile":["http://example.org/p"]}}';
      expect(found(await ask('POST', '/Patient/$validate', body))).toEqual([
        ['information', 'not-supported', 'Patient.meta.profile'],
      ]);
    });

    it.each(['?mode=sometimes', '?mode=update', '?mode=delete', '?nonsense=1', '?mode=create&mode=create'])(
      'refuses %s',
      async (query) => {
        const answer = await ask('POST', `/Patient/$validate${query}`, '{"resourceType":"Patient"}');
        expect([answer.statusCode, answer.json().issue[0].code]).toEqual([400, 'invalid']);
      },
    );
  });

  describe('$meta', () => {
    const tag = { system: 'urn:t', code: 'a', display: 'A' };

    it('answers the labels of a resource', async () => {
      await store('labelled', {
        meta: { tag: [tag], security: [{ code: 'R' }], profile: ['http://x.org/p'] },
      });
      const answer = (await ask('GET', '/Patient/labelled/$meta')).json();
      expect(answer).toMatchObject({
        resourceType: 'Parameters',
        parameter: [
          {
            name: 'return',
            valueMeta: { versionId: '1', tag: [tag], security: [{ code: 'R' }], profile: ['http://x.org/p'] },
          },
        ],
      });
      expect((await ask('GET', '/Patient/nobody/$meta')).statusCode).toBe(404);
    });

    it('answers the labels in use on a type and in the system', async () => {
      await store('in-use', {
        meta: { tag: [{ system: 'urn:use', code: 'Upper' }], profile: ['http://x.org/use'] },
      });
      await ask(
        'PUT',
        '/Group/in-use',
        '{"resourceType":"Group","id":"in-use","type":"person","actual":true,"meta":{"tag":[{"system":"urn:use","code":"group"}]}}',
      );
      const labels = async (path: string): Promise<{ tag: object[]; profile: string[] }> =>
        (await ask('GET', path)).json().parameter[0].valueMeta;
      const ofType = await labels('/Patient/$meta');
      expect(ofType.tag).toContainEqual({ system: 'urn:use', code: 'Upper' });
      expect(ofType.tag).not.toContainEqual({ system: 'urn:use', code: 'group' });
      expect(ofType.profile).toContain('http://x.org/use');
      expect((await labels('/$meta')).tag).toContainEqual({ system: 'urn:use', code: 'group' });
      await ask('DELETE', '/Group/in-use');
      expect((await ask('GET', '/Group/$meta')).json()).toEqual({ resourceType: 'Parameters' });
      const xml = await ask('GET', '/Group/$meta?_format=xml');
      expect([xml.statusCode, xml.body]).toEqual([
        200,
        expect.stringContaining('<Parameters xmlns="http://hl7.org/fhir"'),
      ]);
    });

    it('-add adds what is not there as a new version, and keeps all other text', async () => {
      const body =
        '{"resourceType":"Patient","id":"added","meta":{"tag":[{"code":"kept"}]},"extension":[{"url":"urn:e","valueDecimal":1.50}]}';
      await ask('PUT', '/Patient/added', body);
      const given = meta({ tag: [tag, { code: 'kept' }], profile: ['http://x.org/p'] });
      const answer = await ask('POST', '/Patient/added/$meta-add', given);
      expect(answer.headers.etag).toBe('W/"2"');
      expect(answer.json().parameter[0].valueMeta).toMatchObject({
        versionId: '2',
        tag: [{ code: 'kept' }, tag],
        profile: ['http://x.org/p'],
      });
      const read = await ask('GET', '/Patient/added');
      expect(read.body).toContain('"valueDecimal":1.50');
      expect((await ask('GET', '/Patient?_id=added&_tag=urn:t|a&_summary=count')).json().total).toBe(1);
      expect((await ask('POST', '/Patient/added/$meta-add', given)).headers.etag).toBe('W/"2"');
    });

    it('-delete takes away by system and code', async () => {
      await store('removed', { meta: { tag: [tag, { code: 'kept' }], security: [{ code: 'R' }] } });
      const answer = await ask(
        'POST',
        '/Patient/removed/$meta-delete',
        meta({ tag: [{ system: 'urn:t', code: 'a' }], security: [{ code: 'R' }] }),
      );
      const { valueMeta } = answer.json().parameter[0];
      expect([valueMeta.tag, valueMeta.security, valueMeta.versionId]).toEqual([
        [{ code: 'kept' }],
        undefined,
        '2',
      ]);
      expect((await ask('GET', '/Patient?_id=removed&_tag=urn:t|a&_summary=count')).json().total).toBe(0);
    });

    it('-add and -delete refuse what is no Meta, an old version, and what is gone', async () => {
      await store('guarded');
      const path = '/Patient/guarded/$meta-add';
      const wrong = [undefined, parameters({ name: 'meta', valueString: 'x' }), parameters()];
      for (const body of wrong) expect((await ask('POST', path, body)).statusCode).toBe(400);
      expect((await ask('POST', path, meta({ tags: [] }))).statusCode).toBe(422);
      const given = meta({ tag: [tag] });
      expect((await ask('POST', path, given, { 'if-match': 'W/"7"' })).statusCode).toBe(412);
      await ask('DELETE', '/Patient/guarded');
      expect((await ask('POST', path, given)).statusCode).toBe(410);
      expect((await ask('POST', '/Patient/nobody/$meta-add', given)).statusCode).toBe(404);
    });
  });

  describe('every operation', () => {
    it.each([
      ['create *', 'POST', '/Patient/$validate'],
      ['read *', 'POST', '/Patient/1/$validate'],
      ['read Patient', 'GET', '/Patient/1/$meta'],
      ['search-type Patient', 'GET', '/Patient/$meta'],
      ['search-system *', 'GET', '/$meta'],
      ['update Patient', 'POST', '/Patient/1/$meta-add'],
      ['read Patient', 'POST', '/Patient/1/$meta-add'],
      ['update Patient', 'POST', '/Patient/1/$meta-delete'],
    ] as const)('needs the right to %s for %s %s', async (denied, method, path) => {
      fhir.access.denied.add(denied);
      const answer = await ask(method, path, method === 'POST' ? '{"resourceType":"Patient"}' : undefined);
      expect([answer.statusCode, answer.json().issue[0].code]).toEqual([403, 'forbidden']);
    });

    it('is refused, or held to it, where what was granted is narrowed by criteria', async () => {
      fhir.access.narrowed = true;
      const refused = await ask('POST', '/Patient/1/$validate', '{"resourceType":"Patient"}');
      const shown = await ask('GET', '/Patient/1/$meta');
      fhir.access.narrowed = false;
      expect([refused.statusCode, shown.statusCode]).toEqual([403, 404]);
    });

    it.each([
      ['GET', '/$nonsense', 404],
      ['POST', '/Patient/$everything', 404],
      ['POST', '/$validate', 404],
      ['POST', '/Patient/$meta-add', 404],
      ['GET', '/Nonsense/$meta', 404],
      ['GET', '/Patient/1/$meta-add', 405],
      ['PUT', '/Patient/1/$meta', 405],
      ['GET', '/Patient/an_id/$meta', 400],
    ] as const)('%s %s is answered with %i', async (method, path, status) => {
      const answer = await ask(method, path, method === 'GET' ? undefined : '{"resourceType":"Patient"}');
      expect([answer.statusCode, answer.json().resourceType]).toEqual([status, 'OperationOutcome']);
      if (status === 405) expect(answer.headers.allow).toContain('POST');
    });
  });
});
