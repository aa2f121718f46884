import type { Response as InjectResponse } from 'light-my-request';
import type { SearchQuery } from '../../../src/fhir/search/query.js';
import { SearchLookups } from '../../../src/fhir/terminology/search-lookups.js';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

const system = 'http://example.org/colours';
const base = 'http://fhir.example.org/fhir/r4';
const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

describe.each(databases)('searches by value sets, hierarchies and their like on $name', (database) => {
  let fhir: FhirApplication;

  beforeAll(async () => {
    fhir = await fhirApplication(database);
    await put(colours(), valueSet('reds', { filter: [{ property: 'concept', op: 'is-a', value: 'red' }] }));
    for (const code of ['red', 'crimson', 'blue', 'navy']) await put(condition(code, { code, system }));
    await put(condition('other-system', { code: 'red', system: 'http://example.org/other' }));
    await put({ resourceType: 'Condition', id: 'none', subject: { display: 'somebody' } });
    for (const code of ['AMB', 'IMP', 'ACUTE']) {
      await put({
        resourceType: 'Encounter',
        id: code,
        status: 'finished',
        class: { system: actCode, code },
      });
    }
    await put({ resourceType: 'Location', id: 'house' });
    for (const [id, whole] of [
      ['floor', 'house'],
      ['room', 'floor'],
      ['bed', 'room'],
    ] as const) {
      await put({ resourceType: 'Location', id, partOf: { reference: `Location/${whole}` } });
    }
    for (const id of ['house', 'floor', 'bed']) {
      await put({
        resourceType: 'Encounter',
        id,
        status: 'finished',
        class: { code: 'x' },
        location: [{ location: { reference: `Location/${id}` } }],
      });
    }
  });
  afterAll(() => fhir.app.close());

  const colours = (more: readonly object[] = []): Resource => ({
    resourceType: 'CodeSystem',
    id: 'colours',
    url: system,
    status: 'active',
    content: 'complete',
    concept: [
      { code: 'red', concept: [{ code: 'crimson' }] },
      { code: 'blue', concept: [{ code: 'navy' }] },
      ...more,
    ],
  });
  const valueSet = (id: string, include: object, more: object = {}): Resource => ({
    resourceType: 'ValueSet',
    id,
    url: `http://example.org/vs/${id}`,
    status: 'active',
    compose: { include: [{ system, ...include }] },
    ...more,
  });
  const condition = (id: string, coding: object): Resource => ({
    resourceType: 'Condition',
    id,
    subject: { reference: 'Patient/p' },
    code: { coding: [coding] },
  });

  async function put(...resources: readonly Resource[]): Promise<void> {
    for (const resource of resources) {
      const { resourceType, id } = resource;
      const answer = await fhir.app.inject({
        method: 'PUT',
        url: `/fhir/r4/${resourceType}/${id}`,
        headers: { 'content-type': 'application/fhir+json' },
        payload: JSON.stringify(resource),
      });
      if (answer.statusCode > 201) throw new Error(answer.body);
    }
  }
  const get = (url: string): Promise<InjectResponse> =>
    fhir.app.inject({ method: 'GET', url: `/fhir/r4/${url}` });

  async function found(search: string): Promise<string[]> {
    const answer = await get(search);
    expect(answer.statusCode).toBe(200);
    const entries: { resource: { id: string } }[] = answer.json().entry ?? [];
    return entries.map(({ resource }) => resource.id).sort();
  }
  async function refusal(search: string): Promise<string> {
    const answer = await get(search);
    expect(answer.statusCode).toBe(422);
    return answer.json().issue[0].details.text;
  }

  it.each([
    ['code:in=http://example.org/vs/reds', ['crimson', 'red']],
    ['code:in=ValueSet/reds', ['crimson', 'red']],
    [`code:in=${base}/ValueSet/reds`, ['crimson', 'red']],
    ['code:not-in=http://example.org/vs/reds', ['blue', 'navy', 'none', 'other-system']],
    [`code:below=${system}|blue`, ['blue', 'navy']],
    [`code:above=${system}|navy`, ['blue', 'navy']],
    [`code:below=${system}|blue,${system}|crimson`, ['blue', 'crimson', 'navy']],
    ['code:not=red,blue', ['crimson', 'navy', 'none']],
    ['code:missing=true', ['none']],
    ['subject:missing=true', []],
    ['subject:missing=false&code:missing=true', ['none']],
  ])('Condition?%s', async (search, ids) => {
    expect(await found(`Condition?${encodeURI(search)}`)).toEqual(ids);
  });

  it.each([
    ['class:in=http://terminology.hl7.org/ValueSet/v3-ActEncounterCode', ['ACUTE', 'AMB', 'IMP']],
    [`class:below=${actCode}|IMP`, ['ACUTE', 'IMP']],
    [`class:above=${actCode}|ACUTE`, ['ACUTE', 'IMP']],
    ['location:below=Location/house', ['bed', 'floor', 'house']],
    ['location:below=floor', ['bed', 'floor']],
    [`location:above=${base}/Location/bed`, ['bed', 'floor', 'house']],
    ['location:below=Location/nowhere', []],
  ])('Encounter?%s', async (search, ids) => {
    expect(await found(`Encounter?${encodeURI(search)}`)).toEqual(ids);
  });

  it('follows changes of value sets and code systems at once', async () => {
    await put(valueSet('changing', { concept: [{ code: 'red' }] }));
    expect(await found('Condition?code:in=http://example.org/vs/changing')).toEqual(['red']);
    await put(valueSet('changing', { concept: [{ code: 'navy' }] }));
    expect(await found('Condition?code:in=http://example.org/vs/changing')).toEqual(['navy']);
    await put(valueSet('all', {}));
    await put(condition('green', { code: 'green', system }));
    expect(await found('Condition?code:in=http://example.org/vs/all')).not.toContain('green');
    await put(colours([{ code: 'green' }]));
    expect(await found('Condition?code:in=http://example.org/vs/all')).toContain('green');
    await fhir.app.inject({ method: 'DELETE', url: '/fhir/r4/ValueSet/changing' });
    expect(await refusal('Condition?code:in=http://example.org/vs/changing')).toMatch(
      /There is no value set/,
    );
    await fhir.app.inject({ method: 'DELETE', url: '/fhir/r4/Condition/green' });
    await put(colours());
  });

  it('takes the version that is asked for, else the last', async () => {
    const url = 'http://example.org/vs/versions';
    await put(valueSet('v9', { concept: [{ code: 'red' }] }, { url, version: '1.9' }));
    await put(valueSet('v10', { concept: [{ code: 'blue' }] }, { url, version: '1.10' }));
    await put(valueSet('v11', { concept: [{ code: 'navy' }] }, { url, version: '1.11', status: 'retired' }));
    expect(await found(`Condition?code:in=${url}`)).toEqual(['blue']);
    expect(await found(`Condition?code:in=${url}%7C1.9`)).toEqual(['red']);
    expect(await refusal(`Condition?code:in=${url}%7C2`)).toMatch(/There is no value set/);
  });

  it('says what is missing', async () => {
    expect(await refusal('Condition?code:in=http://example.org/none')).toMatch(
      /no value set "http:\/\/example.org\/none"/,
    );
    expect(await refusal('Condition?code:in=http://hl7.org/fhir/ValueSet/condition-code')).toMatch(
      /concepts of the code system http:\/\/snomed.info\/sct are not all known here/,
    );
    expect(await refusal('Condition?code:below=http://snomed.info/sct%7C73211009')).toMatch(
      /are not known here/,
    );
    expect(await refusal(`Condition?code:below=${system}%7Cgreen`)).toMatch(/has no concept "green"/);
  });

  it('serves criteria of conditional interactions, in transactions too', async () => {
    const create = (payload: object, ifNoneExist: string) =>
      fhir.app.inject({
        method: 'POST',
        url: '/fhir/r4/Condition',
        headers: { 'content-type': 'application/fhir+json', 'if-none-exist': ifNoneExist },
        payload: JSON.stringify(payload),
      });
    const created = { resourceType: 'Condition', subject: { reference: 'Patient/new' } };
    const first = await create(created, 'code:in=http://example.org/vs/reds&_id=red');
    expect(first.statusCode).toBe(200);
    expect((await create(created, 'code:in=http://example.org/none')).statusCode).toBe(422);
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          resource: { ...created, code: { coding: [{ system, code: 'crimson' }] } },
          request: { method: 'PUT', url: `Condition?code:in=ValueSet/reds&_id=crimson` },
        },
      ],
    };
    const answer = await fhir.app.inject({
      method: 'POST',
      url: '/fhir/r4',
      headers: { 'content-type': 'application/fhir+json' },
      payload: JSON.stringify(bundle),
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.json().entry[0].response.location).toMatch(/Condition\/crimson\/_history\/2$/);
  });

  it('names the entry whose criteria ask for what is not known', async () => {
    const refused = async (...entry: object[]) => {
      const answer = await fhir.app.inject({
        method: 'POST',
        url: '/fhir/r4',
        headers: { 'content-type': 'application/fhir+json' },
        payload: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }),
      });
      expect(answer.statusCode).toBe(422);
      return answer.json<{ issue: { expression?: string[]; details: { text: string } }[] }>().issue[0];
    };
    const resource = { resourceType: 'Condition', subject: { reference: 'Patient/new' } };
    const good = { resource, request: { method: 'POST', url: 'Condition' } };
    const conditional = {
      resource,
      request: { method: 'POST', url: 'Condition', ifNoneExist: 'code:in=http://example.org/none' },
    };
    const referring = {
      resource: {
        resourceType: 'Observation',
        status: 'final',
        code: { text: 'x' },
        focus: [{ reference: 'Condition?code:in=http://example.org/none' }],
      },
      request: { method: 'POST', url: 'Observation' },
    };
    for (const entries of [
      [good, conditional, conditional],
      [good, referring],
    ]) {
      const issue = await refused(...entries);
      expect(issue?.expression).toEqual(['Bundle.entry[1]']);
      expect(issue?.details.text).toMatch(/^Bundle\.entry\[1\]: .*no value set "http:\/\/example.org\/none"/);
    }
  });

  it.each(['ValueSet', 'CodeSystem', 'Location'])(
    'gives nothing away of %s to whom must not search it',
    async (type) => {
      fhir.access.denied.add(`search-type ${type}`);
      try {
        if (type === 'Location') {
          expect(await found('Encounter?location:below=Location/house')).toEqual(['house']);
        } else {
          await refusal('Condition?code:in=http://example.org/vs/reds');
          const created = await fhir.app.inject({
            method: 'POST',
            url: '/fhir/r4/Condition',
            headers: {
              'content-type': 'application/fhir+json',
              'if-none-exist': 'code:in=http://example.org/vs/reds',
            },
            payload: JSON.stringify({ resourceType: 'Condition', subject: { reference: 'Patient/new' } }),
          });
          expect(created.statusCode).toBe(422);
        }
      } finally {
        fhir.access.denied.delete(`search-type ${type}`);
      }
      expect(await found('Condition?code:in=http://example.org/vs/reds')).toContain('red');
    },
  );

  it('asks for no more codes than a statement should name', async () => {
    const concept = Array.from({ length: 10_001 }, (_, n) => ({ code: `c${n}` }));
    await put(valueSet('many', { concept }));
    const answer = await fhir.app.inject({
      url: '/fhir/r4/Condition?code:in=http://example.org/vs/many',
    });
    expect([answer.statusCode, answer.json().issue[0].details.coding[0].code]).toEqual([
      422,
      'FHIR_TERMINOLOGY_TOO_LARGE',
    ]);
  });

  it('knows of no value set, code system or hierarchy that the caller may not see', async () => {
    const lookups = fhir.app.get(SearchLookups, { strict: false });
    const query: SearchQuery = {
      repository: 'default',
      types: ['Condition'],
      filter: [
        {
          kind: 'lookup',
          code: 'code',
          type: 'token',
          anyOf: [{ find: 'value-set', reference: 'http://example.org/vs/reds' }],
        },
      ],
      sort: [],
      count: 10,
      total: 'none',
    };
    const seeing = (types: Record<string, boolean>): SearchQuery => ({
      ...query,
      access: {
        byType: new Map(
          Object.entries(types).map(([type, seen]) => [
            type,
            seen ? { kind: 'and', operands: [] } : { kind: 'or', operands: [] },
          ]),
        ),
        others: { kind: 'and', operands: [] },
      },
    });
    const all = await lookups.resolve(seeing({}));
    expect(all.filter).toMatchObject([{ kind: 'parameter', anyOf: [{ system, codes: ['crimson', 'red'] }] }]);
    await expect(lookups.resolve(seeing({ ValueSet: false }))).rejects.toMatchObject({
      code: 'FHIR_VALUE_SET_UNKNOWN',
    });
    await expect(lookups.resolve(seeing({ CodeSystem: false }))).rejects.toMatchObject({
      code: 'FHIR_VALUE_SET_NOT_EXPANDABLE',
    });
    const below = {
      ...seeing({ Location: false }),
      filter: [
        {
          kind: 'lookup' as const,
          code: 'location',
          type: 'reference' as const,
          anyOf: [
            { find: 'parts' as const, relation: 'below' as const, targetType: 'Location', targetId: 'house' },
          ],
        },
      ],
    };
    expect((await lookups.resolve(below)).filter).toMatchObject([{ anyOf: [{ targetId: 'house' }] }]);
    // A constraint is written by the administrator, whose value sets need not be seen by the caller.
    const constrained = await lookups.resolve({
      ...query,
      filter: [],
      access: { byType: new Map([['Condition', query.filter[0]!]]), others: { kind: 'or', operands: [] } },
    });
    expect(constrained.access?.byType.get('Condition')).toMatchObject({ kind: 'parameter' });
  });
});
