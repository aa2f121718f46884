import type { Response as InjectResponse } from 'light-my-request';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

function requester(application: () => FhirApplication) {
  return (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    payload?: object,
    headers: Record<string, string> = {},
  ): Promise<InjectResponse> =>
    application().app.inject({
      method,
      url: `/fhir/r4/${path}`,
      headers: payload === undefined ? headers : { 'content-type': 'application/fhir+json', ...headers },
      ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
    });
}

const patient = (value: string, more: object = {}): object => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:c', value }],
  ...more,
});

describe.each(databases)('conditional interactions on $name', (database) => {
  let fhir: FhirApplication;

  beforeAll(async () => {
    fhir = await fhirApplication(database);
  });
  afterAll(() => fhir.app.close());
  afterEach(() => fhir.access.denied.clear());

  const ask = requester(() => fhir);
  const total = async (value: string): Promise<number> =>
    (await ask('GET', `Patient?identifier=urn:c|${value}&_total=accurate&_count=0`)).json().total;

  describe('update', () => {
    it('creates where nothing matches, with an id of the server, and then updates that', async () => {
      const first = await ask('PUT', 'Patient?identifier=urn:c|u1', patient('u1'));
      expect([first.statusCode, first.headers.etag]).toEqual([201, 'W/"1"']);
      const { id } = first.json();
      expect(first.headers.location).toBe(`${fhir.base}/Patient/${id}/_history/1`);
      const second = await ask('PUT', 'Patient?identifier=urn:c|u1', patient('u1', { active: true }));
      expect([second.statusCode, second.json().id, second.headers.etag]).toEqual([200, id, 'W/"2"']);
      const named = await ask('PUT', 'Patient?identifier=urn:c|u1', patient('u1', { id, active: true }));
      expect([named.statusCode, named.headers.etag]).toEqual([200, 'W/"2"']);
      expect(await total('u1')).toBe(1);
    });

    it('creates under the id of the body where that is free', async () => {
      const answer = await ask('PUT', 'Patient?identifier=urn:c|u2', patient('u2', { id: 'mine' }));
      expect([answer.statusCode, answer.json().id]).toEqual([201, 'mine']);
    });

    it('refuses a body with the id of another resource', async () => {
      await ask('PUT', 'Patient/other', patient('u3-other', { id: 'other' }));
      await ask('PUT', 'Patient/match', patient('u3', { id: 'match' }));
      const mismatch = await ask('PUT', 'Patient?identifier=urn:c|u3', patient('u3', { id: 'other' }));
      expect(mismatch.statusCode).toBe(400);
      const taken = await ask('PUT', 'Patient?identifier=urn:c|none', patient('none', { id: 'other' }));
      expect(taken.statusCode).toBe(409);
      expect((await ask('GET', 'Patient/other')).json().meta.versionId).toBe('1');
    });

    it('revives what was deleted under the id of the body', async () => {
      await ask('PUT', 'Patient/revived', patient('u4', { id: 'revived' }));
      await ask('DELETE', 'Patient/revived');
      const answer = await ask('PUT', 'Patient?identifier=urn:c|u4', patient('u4', { id: 'revived' }));
      expect([answer.statusCode, answer.headers.etag]).toEqual([201, 'W/"3"']);
    });

    it('refuses several matches, criteria that say nothing and criteria that are unknown', async () => {
      await ask('POST', 'Patient', patient('u5'));
      await ask('POST', 'Patient', patient('u5'));
      const several = await ask('PUT', 'Patient?identifier=urn:c|u5', patient('u5'));
      expect([several.statusCode, several.json().issue[0].code]).toEqual([412, 'multiple-matches']);
      for (const query of ['', '?', '?_count=1', '?nonsense=1', '?identifier=']) {
        expect((await ask('PUT', `Patient${query}`, patient('u5'))).statusCode).toBe(400);
      }
    });

    it('heeds If-Match and If-None-Match', async () => {
      const criteria = 'Patient?identifier=urn:c|u6';
      const none = await ask('PUT', criteria, patient('u6'), { 'if-match': 'W/"1"' });
      expect(none.statusCode).toBe(412);
      expect((await ask('PUT', criteria, patient('u6'), { 'if-none-match': '*' })).statusCode).toBe(201);
      expect((await ask('PUT', criteria, patient('u6'), { 'if-none-match': '*' })).statusCode).toBe(412);
      const other = await ask('PUT', criteria, patient('u6', { active: true }), { 'if-match': 'W/"2"' });
      expect(other.statusCode).toBe(412);
      const right = await ask('PUT', criteria, patient('u6', { active: true }), { 'if-match': 'W/"1"' });
      expect(right.statusCode).toBe(200);
    });

    it('answers in the form that the query asks for', async () => {
      const answer = await ask('PUT', 'Patient?_format=json&identifier=urn:c|u7&_pretty=true', patient('u7'));
      expect(answer.statusCode).toBe(201);
      expect(answer.body).toContain('\n');
    });

    it('asks for the right to search', async () => {
      await ask('PUT', 'Patient?identifier=urn:c|u8', patient('u8'));
      expect(fhir.access.asked).toContainEqual(
        expect.objectContaining({ interaction: 'update', conditional: true }),
      );
      fhir.access.denied.add('update Patient');
      expect((await ask('PUT', 'Patient?identifier=urn:c|u8', patient('u8'))).statusCode).toBe(403);
    });

    it('makes one resource of fifty that come at once', async () => {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_none, index) =>
          ask('PUT', 'Patient?identifier=urn:c|race', patient('race', { language: `x-${index}` })),
        ),
      );
      const statuses = answers.map(({ statusCode }) => statusCode).sort();
      expect(statuses).toEqual([...Array.from({ length: 49 }, () => 200), 201]);
      expect(await total('race')).toBe(1);
      const [{ resource }] = (await ask('GET', 'Patient?identifier=urn:c|race')).json().entry;
      expect(resource.meta.versionId).toBe('50');
    });
  });

  it('creates one resource of fifty creates with the same If-None-Exist', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        ask('POST', 'Patient', patient('create-race'), { 'if-none-exist': 'identifier=urn:c|create-race' }),
      ),
    );
    expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(1);
    expect(new Set(answers.map((answer) => answer.json().id)).size).toBe(1);
    expect(await total('create-race')).toBe(1);
  });

  describe('delete', () => {
    it('deletes the one match, and succeeds where there is none', async () => {
      await ask('POST', 'Patient', patient('d1'));
      const answer = await ask('DELETE', 'Patient?identifier=urn:c|d1');
      expect([answer.statusCode, answer.headers.etag]).toEqual([204, 'W/"2"']);
      expect(await total('d1')).toBe(0);
      expect((await ask('DELETE', 'Patient?identifier=urn:c|d1')).statusCode).toBe(204);
      expect(fhir.access.asked).toContainEqual(
        expect.objectContaining({ interaction: 'delete', conditional: true }),
      );
    });

    it('refuses several matches and never deletes without criteria', async () => {
      await ask('POST', 'Patient', patient('d2'));
      await ask('POST', 'Patient', patient('d2'));
      const several = await ask('DELETE', 'Patient?identifier=urn:c|d2');
      expect([several.statusCode, several.json().issue[0].code]).toEqual([412, 'multiple-matches']);
      for (const query of ['', '?', '?_count=1', '?nonsense=1', '?access_token=x']) {
        expect((await ask('DELETE', `Patient${query}`)).statusCode).toBe(400);
      }
      expect(await total('d2')).toBe(2);
    });

    it('heeds If-Match', async () => {
      await ask('POST', 'Patient', patient('d3'));
      const criteria = 'Patient?identifier=urn:c|d3';
      expect((await ask('DELETE', criteria, undefined, { 'if-match': 'W/"2"' })).statusCode).toBe(412);
      expect((await ask('DELETE', criteria, undefined, { 'if-match': 'W/"1"' })).statusCode).toBe(204);
      expect((await ask('DELETE', criteria, undefined, { 'if-match': 'W/"2"' })).statusCode).toBe(412);
    });

    it('never takes what an update at the same moment has made something else', async () => {
      for (let round = 0; round < 10; round++) {
        await ask('PUT', 'Patient/turn', patient(`turn-${round}`, { id: 'turn' }));
        const [updated, deleted] = await Promise.all([
          ask('PUT', 'Patient/turn', patient(`turned-${round}`, { id: 'turn' })),
          ask('DELETE', `Patient?identifier=urn:c|turn-${round}`),
        ]);
        expect([200, 201]).toContain(updated.statusCode);
        expect([204, 503]).toContain(deleted.statusCode);
        expect(await total(`turned-${round}`)).toBe(
          deleted.headers.etag === undefined ? 1 : Number(updated.statusCode === 201),
        );
      }
    });
  });
});

describe.each(databases)('with other settings on $name', (database) => {
  let fhir: FhirApplication;

  beforeAll(async () => {
    fhir = await fhirApplication(database, {
      FIREKEEP_CONDITIONAL_DELETE_MULTIPLE: 'true',
      FIREKEEP_UPDATE_CREATE: 'false',
    });
  });
  afterAll(() => fhir.app.close());

  const ask = requester(() => fhir);

  it('a conditional delete takes all matches, or none where one may not be', async () => {
    const ids = await Promise.all(
      Array.from(
        { length: 5 },
        async () => (await ask('POST', 'Patient', patient('many'))).json().id as string,
      ),
    );
    const criteria = 'Patient?identifier=urn:c|many';
    await ask('PUT', `Patient/${ids[0] ?? ''}`, patient('many', { id: ids[0], active: true }));
    const mixed = await ask('DELETE', criteria, undefined, { 'if-match': 'W/"1"' });
    expect(mixed.statusCode).toBe(412);
    expect((await ask('GET', `${criteria}&_total=accurate`)).json().total).toBe(5);
    expect((await ask('DELETE', criteria)).statusCode).toBe(204);
    expect((await ask('GET', `${criteria}&_total=accurate`)).json().total).toBe(0);
    for (const id of ids) expect((await ask('GET', `Patient/${id}`)).statusCode).toBe(410);
  });

  it('a conditional delete in a transaction takes all matches', async () => {
    for (let count = 0; count < 3; count++) await ask('POST', 'Patient', patient('bundle'));
    const answer = await ask('POST', '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ request: { method: 'DELETE', url: 'Patient?identifier=urn:c|bundle' } }],
    });
    expect(answer.json().entry[0].response.status).toBe('204 No Content');
    const left = await ask('GET', 'Patient?identifier=urn:c|bundle&_total=accurate');
    expect(left.json().total).toBe(0);
  });

  it('an update does not create under an id that there has never been', async () => {
    const answer = await ask('PUT', 'Patient/new', patient('new', { id: 'new' }));
    expect([answer.statusCode, answer.json().issue[0].severity]).toEqual([405, 'error']);
    const conditional = await ask('PUT', 'Patient?identifier=urn:c|new', patient('new', { id: 'new' }));
    expect(conditional.statusCode).toBe(405);
    const bundle = await ask('POST', '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ resource: patient('new', { id: 'new' }), request: { method: 'PUT', url: 'Patient/new' } }],
    });
    expect([bundle.statusCode, bundle.json().issue[0].expression]).toEqual([405, ['Bundle.entry[0]']]);
  });

  it('an update revives under an id that there has been, and a conditional one creates under a new one', async () => {
    const created = await ask('PUT', 'Patient?identifier=urn:c|by-criteria', patient('by-criteria'));
    expect(created.statusCode).toBe(201);
    const { id } = created.json();
    await ask('DELETE', `Patient/${id}`);
    expect((await ask('PUT', `Patient/${id}`, patient('by-criteria', { id }))).statusCode).toBe(201);
  });

  it('the CapabilityStatement says so', async () => {
    const { rest } = (await ask('GET', 'metadata')).json();
    expect(rest[0].resource[0]).toMatchObject({
      updateCreate: false,
      conditionalUpdate: true,
      conditionalDelete: 'multiple',
    });
  });
});
