import type { Response as InjectResponse } from 'light-my-request';
import { FhirOperations } from '../../../src/fhir/operations/fhir-operations.js';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

describe.each(databases)('OperationDefinitions on $name', (database) => {
  let fhir: FhirApplication;
  beforeAll(async () => {
    fhir = await fhirApplication(database);
  });
  afterAll(() => fhir.app.close());
  afterEach(() => fhir.access.denied.clear());

  const ask = (
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<InjectResponse> =>
    fhir.app.inject({
      method,
      url: `/fhir/r4/${path}`,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/fhir+json' }, payload: JSON.stringify(body) }),
    });

  it('are found by their URLs where nothing that is stored has them', async () => {
    const url = 'http://hl7.org/fhir/OperationDefinition/Observation-lastn';
    const other = 'http://hl7.org/fhir/OperationDefinition/Patient-everything';
    const found = async (query: string, path = 'OperationDefinition') => {
      const answer = (await ask('GET', `${path}?${query}`)).json();
      const entries = (answer.entry ?? []) as { fullUrl: string; resource: { id: string; url: string } }[];
      return [answer.total, ...entries.map(({ resource }) => resource.id)];
    };
    expect(await found(`url=${url}`)).toEqual([1, 'Observation-lastn']);
    expect(await found(`url=${url},${other}&_pretty=true`)).toEqual([
      2,
      'Patient-everything',
      'Observation-lastn',
    ]);
    expect(await found(`url=${url}&_summary=count`)).toEqual([1]);
    expect(await found('url=http://example.org/none')).toEqual([0]);
    expect(await found(`url=${url}&status=draft`)).toEqual([0]);
    expect(await found(`url=${url}`, 'StructureDefinition')).toEqual([0]);
    const [entry] = (await ask('GET', `OperationDefinition?url=${url}`)).json().entry;
    expect((await ask('GET', 'OperationDefinition/Observation-lastn')).json()).toEqual(entry.resource);
    expect(entry).toMatchObject({
      search: { mode: 'match' },
      fullUrl: expect.stringMatching(/\/OperationDefinition\/Observation-lastn$/),
    });
    const stored = { ...entry.resource, id: 'mine' };
    await ask('PUT', 'OperationDefinition/mine', stored);
    expect(await found(`url=${url}`)).toEqual([1, 'mine']);
    await ask('DELETE', 'OperationDefinition/mine');
    fhir.access.denied.add('search-type OperationDefinition');
    expect((await ask('GET', `OperationDefinition?url=${url}`)).statusCode).toBe(403);
  });

  it('are there for every operation, valid, at the end of its canonical', async () => {
    const all = fhir.app.get(FhirOperations, { strict: false }).all();
    expect(all.map(({ definition }) => definition)).toEqual(
      expect.arrayContaining(
        [
          'Patient-everything',
          'Encounter-everything',
          'Observation-lastn',
          'Composition-document',
          'Resource-meta',
        ].map((id) => `http://hl7.org/fhir/OperationDefinition/${id}`),
      ),
    );
    for (const { definition, name } of all) {
      const id = definition.replace(/^.*[/:]/, '');
      const answer = await ask('GET', `OperationDefinition/${id}`);
      expect([id, answer.statusCode]).toEqual([id, 200]);
      expect(answer.json()).toMatchObject({
        resourceType: 'OperationDefinition',
        id,
        url: definition,
        code: name,
      });
      const outcome = await ask('POST', 'OperationDefinition/$validate', answer.json());
      const errors = outcome
        .json()
        .issue.filter(({ severity }: { severity: string }) => severity === 'error');
      expect([id, errors]).toEqual([id, []]);
    }
    expect((await ask('GET', 'OperationDefinition/Patient-everything?_format=xml')).body).toContain(
      '<code value="everything"/>',
    );
  });

  it('say where it is called, and with what', async () => {
    const { parameter, ...rest } = (await ask('GET', 'OperationDefinition/Patient-everything')).json();
    expect(rest).toMatchObject({
      resource: ['Patient'],
      system: false,
      type: false,
      instance: true,
      affectsState: false,
    });
    expect(
      parameter.map(
        ({ name, use, max }: { name: string; use: string; max: string }) => `${use} ${name} ${max}`,
      ),
    ).toEqual([
      ...['in start 1', 'in end 1', 'in _since 1', 'in _type *', 'in _count 1', 'in _page 1', 'out return 1'],
    ]);
  });

  it('leave what is stored as it is', async () => {
    const own = {
      ...{
        resourceType: 'OperationDefinition',
        id: 'Patient-everything',
        name: 'Own',
        status: 'draft',
        kind: 'operation',
      },
      ...{ code: 'everything', system: false, type: false, instance: true },
    };
    expect((await ask('PUT', 'OperationDefinition/Patient-everything', own)).statusCode).toBe(201);
    expect((await ask('GET', 'OperationDefinition/Patient-everything')).json()).toMatchObject(own);
    expect((await ask('GET', 'OperationDefinition?_summary=count')).json().total).toBe(1);
    expect((await ask('DELETE', 'OperationDefinition/Patient-everything')).statusCode).toBe(204);
    expect((await ask('GET', 'OperationDefinition/Patient-everything')).statusCode).toBe(410);
  });

  it('are for who may read them, and no others are there', async () => {
    expect((await ask('GET', 'OperationDefinition/Patient-nonsense')).statusCode).toBe(404);
    expect((await ask('GET', 'Basic/Patient-everything')).statusCode).toBe(404);
    fhir.access.denied.add('read OperationDefinition');
    expect((await ask('GET', 'OperationDefinition/Observation-lastn')).statusCode).toBe(403);
  });
});
