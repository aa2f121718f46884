import type { Response as InjectResponse } from 'light-my-request';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

const jsonPatch = 'application/json-patch+json';
const fhirJson = 'application/fhir+json';

describe.each(databases)('patch on $name', (database) => {
  let fhir: FhirApplication;

  beforeAll(async () => {
    fhir = await fhirApplication(database);
  });
  afterAll(() => fhir.app.close());

  const ask = (
    method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    payload?: unknown,
    headers: Record<string, string> = {},
  ): Promise<InjectResponse> =>
    fhir.app.inject({
      method,
      url: `/fhir/r4/${path}`,
      headers: payload === undefined ? headers : { 'content-type': fhirJson, ...headers },
      ...(payload === undefined
        ? {}
        : { payload: typeof payload === 'string' ? payload : JSON.stringify(payload) }),
    });
  const patch = (
    path: string,
    operations: unknown,
    headers: Record<string, string> = {},
  ): Promise<InjectResponse> => ask('PATCH', path, operations, { 'content-type': jsonPatch, ...headers });
  const put = async (id: string, members: string, type = 'Patient'): Promise<void> => {
    const answer = await ask('PUT', `${type}/${id}`, `{"resourceType":"${type}","id":"${id}",${members}}`);
    expect(answer.statusCode).toBeLessThan(300);
  };
  const parameters = (...operations: object[]): object => ({
    resourceType: 'Parameters',
    parameter: operations.map((operation) => ({
      name: 'operation',
      part: Object.entries(operation).map(([name, value]) => ({
        name,
        ...(typeof value === 'string' ? { [name === 'type' ? 'valueCode' : 'valueString']: value } : value),
      })),
    })),
  });

  it('changes what it names and keeps the text of everything else', async () => {
    const rest = '"status":"final","code":{"text":"\\u0063 \\/"},"valueQuantity":{"value":1.500}';
    await put('text', rest, 'Observation');
    const answer = await patch(
      'Observation/text',
      '[{"op":"add","path":"/valueQuantity/unit","value":"mg"}]',
    );
    expect(answer.statusCode).toBe(200);
    expect(answer.headers.etag).toBe('W/"2"');
    expect(answer.body).toContain(rest.replace('1.500', '1.500,"unit":"mg"'));
    expect((await ask('GET', 'Observation/text')).body).toBe(answer.body);
    expect((await ask('GET', 'Observation/text/_history/1')).body).toContain(rest);
  });

  it('is found by the values that it has then', async () => {
    await put('index', '"identifier":[{"value":"patch-before"}]');
    await patch('Patient/index', [{ op: 'replace', path: '/identifier/0/value', value: 'patch-after' }]);
    const found = async (value: string): Promise<number> =>
      (await ask('GET', `Patient?identifier=${value}&_total=accurate`)).json().total;
    expect([await found('patch-before'), await found('patch-after')]).toEqual([0, 1]);
  });

  it('that changes nothing keeps the version', async () => {
    await put('same', '"active":true');
    const answer = await patch('Patient/same', [
      { op: 'test', path: '/active', value: true },
      { op: 'replace', path: '/active', value: true },
    ]);
    expect([answer.statusCode, answer.headers.etag]).toEqual([200, 'W/"1"']);
    expect((await ask('GET', 'Patient/same/_history')).json().total).toBe(1);
  });

  it('is one of the versions, and answers as Prefer asks', async () => {
    await put('prefer', '"active":true');
    const answer = await patch(
      'Patient/prefer',
      [
        { op: 'remove', path: '/active' },
        { op: 'add', path: '/gender', value: 'male' },
      ],
      {
        prefer: 'return=minimal',
      },
    );
    expect([answer.statusCode, answer.body, answer.headers.etag]).toEqual([200, '', 'W/"2"']);
    const { entry } = (await ask('GET', 'Patient/prefer/_history')).json();
    expect(entry[0].request).toEqual({ method: 'PUT', url: 'Patient/prefer' });
  });

  it('takes a FHIRPath Patch', async () => {
    await put('path', '"name":[{"family":"A","given":["x"]}],"gender":"male"');
    const answer = await ask(
      'PATCH',
      'Patient/path',
      parameters(
        { type: 'add', path: 'Patient', name: 'birthDate', value: { valueDate: '1970-01-01' } },
        { type: 'replace', path: "Patient.name.where(family = 'A').family", value: { valueString: 'B' } },
        {
          type: 'insert',
          path: 'Patient.name[0].given',
          index: { valueInteger: 0 },
          value: { valueString: 'w' },
        },
        { type: 'delete', path: 'Patient.gender' },
      ),
    );
    expect(answer.statusCode).toBe(200);
    const { name, gender, birthDate } = answer.json();
    expect({ name, gender, birthDate }).toEqual({
      name: [{ family: 'B', given: ['w', 'x'] }],
      gender: undefined,
      birthDate: '1970-01-01',
    });
  });

  it('takes a FHIRPath Patch in XML', async () => {
    await put('xml', '"active":true');
    const part = (name: string, value: string): string => `<part><name value="${name}"/>${value}</part>`;
    const operation =
      part('type', '<valueCode value="replace"/>') +
      part('path', '<valueString value="Patient.active"/>') +
      part('value', '<valueBoolean value="false"/>');
    const answer = await ask(
      'PATCH',
      'Patient/xml',
      `<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/>${operation}</parameter></Parameters>`,
      { 'content-type': 'application/fhir+xml' },
    );
    expect([answer.statusCode, answer.json().active]).toEqual([200, false]);
  });

  it('is refused with If-Match of another version, even one that could not be applied', async () => {
    await put('match', '"active":true');
    const impossible = [{ op: 'remove', path: '/gender' }];
    const refused = await patch('Patient/match', impossible, { 'if-match': 'W/"7"' });
    expect([refused.statusCode, refused.json().issue[0].code]).toEqual([412, 'conflict']);
    const change = [{ op: 'replace', path: '/active', value: false }];
    expect((await patch('Patient/match', change, { 'if-match': 'W/"1"' })).statusCode).toBe(200);
  });

  it.each([
    ['a test that fails', [{ op: 'test', path: '/active', value: false }], 422],
    ['a place that there is not', [{ op: 'remove', path: '/gender' }], 422],
    ['another type', [{ op: 'replace', path: '/resourceType', value: 'Group' }], 422],
    ['another id', [{ op: 'replace', path: '/id', value: 'other' }], 422],
    ['no id', [{ op: 'remove', path: '/id' }], 422],
    ['an element that the type has not', [{ op: 'add', path: '/nonsense', value: 1 }], 422],
    ['a value that the element can not have', [{ op: 'add', path: '/gender', value: 'blue' }], 422],
    ['a forbidden member', [{ op: 'add', path: '/__proto__', value: {} }], 422],
    ['an unknown operation', [{ op: 'frobnicate', path: '/active' }], 400],
    ['no array', { op: 'remove', path: '/active' }, 400],
    ['no JSON', '[{', 400],
    ['a member twice', '[{"op":"remove","path":"/active","path":"/id"}]', 400],
  ])('is refused with %s, and nothing is changed', async (_what, operations, status) => {
    await put('refused', '"active":true');
    const before = (await ask('GET', 'Patient/refused')).body;
    const first = { op: 'add', path: '/language', value: 'de' };
    const body = Array.isArray(operations) ? [first, ...(operations as object[])] : operations;
    const answer = await patch('Patient/refused', body);
    expect(answer.statusCode).toBe(status);
    expect(answer.json().resourceType).toBe('OperationOutcome');
    expect((await ask('GET', 'Patient/refused')).body).toBe(before);
  });

  it('shows nothing of the resource to a caller who may not read it', async () => {
    await put('hidden', '"birthDate":"1980-05-05"');
    const entry = {
      request: { method: 'PATCH', url: 'Patient/hidden' },
      resource: parameters({ type: 'add', path: 'Patient', name: 'active', value: { valueBoolean: true } }),
    };
    const bundle = (type: string): object => ({ resourceType: 'Bundle', type, entry: [entry] });
    const representation = { prefer: 'return=representation' };
    const gender = [{ op: 'add', path: '/gender', value: 'male' }];
    fhir.access.denied.add('read Patient');
    try {
      const answers = [
        await patch('Patient/hidden', gender, representation),
        await patch('Patient/hidden', gender, representation),
        await patch('Patient?_id=hidden', gender),
        await patch('Patient/hidden', gender, { prefer: 'return=OperationOutcome' }),
        await ask('POST', '', bundle('transaction'), representation),
        await ask('POST', '', bundle('batch'), representation),
      ];
      for (const answer of answers) {
        expect(answer.statusCode).toBe(200);
        expect(answer.body).not.toContain('1980');
      }
      const [first, unchanged, , outcome, transaction] = answers;
      expect([first?.body, first?.headers.etag, unchanged?.headers.etag]).toEqual(['', 'W/"2"', 'W/"2"']);
      expect(outcome?.json().resourceType).toBe('OperationOutcome');
      expect(transaction?.json().entry[0].response).toMatchObject({ status: '200 OK', etag: 'W/"3"' });
    } finally {
      fhir.access.denied.clear();
    }
    const readable = await patch('Patient/hidden', gender, representation);
    expect(readable.json()).toMatchObject({ birthDate: '1980-05-05', active: true, gender: 'male' });
  });

  it('needs a resource that is there', async () => {
    const nothing = [{ op: 'test', path: '/active', value: true }];
    expect((await patch('Patient/nobody', nothing)).statusCode).toBe(404);
    expect((await patch('Nonsense/1', nothing)).statusCode).toBe(404);
    await put('gone', '"active":true');
    await ask('DELETE', 'Patient/gone');
    expect((await patch('Patient/gone', nothing)).statusCode).toBe(410);
  });

  it('says what it takes where it is sent as something else', async () => {
    await put('media', '"active":true');
    for (const type of ['application/xml-patch+xml', 'application/merge-patch+json', 'text/plain']) {
      const answer = await patch('Patient/media', '[]', { 'content-type': type });
      expect([answer.statusCode, answer.headers['accept-patch']]).toEqual([
        415,
        'application/json-patch+json, application/fhir+json, application/fhir+xml',
      ]);
    }
    const { patchFormat } = (await ask('GET', 'metadata')).json();
    expect(patchFormat).toEqual([jsonPatch, fhirJson, 'application/fhir+xml']);
    const resource = await ask('PATCH', 'Patient/media', { resourceType: 'Patient', active: false });
    expect([resource.statusCode, resource.json().issue[0].severity]).toEqual([400, 'error']);
  });

  it('picks the one resource that criteria match', async () => {
    await put('c1', '"identifier":[{"system":"urn:patch","value":"one"}]');
    const change = [{ op: 'add', path: '/active', value: true }];
    const answer = await patch('Patient?identifier=urn:patch|one', change);
    expect([answer.statusCode, answer.json().id, answer.json().active]).toEqual([200, 'c1', true]);
    expect(fhir.access.asked).toContainEqual(
      expect.objectContaining({ interaction: 'patch', conditional: true }),
    );
    expect((await patch('Patient?identifier=urn:patch|none', change)).statusCode).toBe(404);
    await put('c2', '"identifier":[{"system":"urn:patch","value":"one"}]');
    const several = await patch('Patient?identifier=urn:patch|one', change);
    expect([several.statusCode, several.json().issue[0].code]).toEqual([412, 'multiple-matches']);
    expect((await patch('Patient', change)).statusCode).toBe(400);
    expect((await patch('Patient?nonsense=1', change)).statusCode).toBe(400);
    expect((await patch('Patient?_count=1', change)).statusCode).toBe(400);
  });

  it('loses none of fifty that come at once', async () => {
    await put('counter', '"name":[{"family":"A"}]');
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_none, index) =>
        patch('Patient/counter', [{ op: 'add', path: '/name/-', value: { family: `N${index}` } }]),
      ),
    );
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
    const stored = (await ask('GET', 'Patient/counter')).json();
    expect(stored.meta.versionId).toBe('51');
    expect(new Set(stored.name.map(({ family }: { family: string }) => family)).size).toBe(51);
  });
});
