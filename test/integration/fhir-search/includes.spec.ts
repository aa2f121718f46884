import { databases } from '../../kit/databases.js';
import type { SearchExpression, SearchQuery } from '../../../src/fhir/search/query.js';
import type { SearchParameterPair } from '../../../src/fhir/search/parse-search.js';
import { openSearchStore, put, queryOf, type SearchStore, type TestResource } from './search-store.js';

const all: SearchExpression = { kind: 'and', operands: [] };
const none: SearchExpression = { kind: 'or', operands: [] };
const reference = (text: string) => ({ reference: text });

const resources: readonly TestResource[] = [
  { resourceType: 'Organization', id: 'top', name: 'Top' },
  { resourceType: 'Organization', id: 'middle', partOf: reference('Organization/top') },
  { resourceType: 'Organization', id: 'ring', partOf: reference('Organization/ring2') },
  { resourceType: 'Organization', id: 'ring2', partOf: reference('Organization/ring') },
  { resourceType: 'Practitioner', id: 'dr', active: true },
  {
    resourceType: 'Patient',
    id: 'a',
    active: true,
    managingOrganization: reference('Organization/middle'),
    generalPractitioner: [reference('Practitioner/dr'), reference('Organization/ring')],
    link: [{ other: reference('Patient/b'), type: 'seealso' }],
  },
  { resourceType: 'Patient', id: 'b', active: false },
  { resourceType: 'Device', id: 'd' },
  { resourceType: 'Group', id: 'a', type: 'person' },
  {
    resourceType: 'Observation',
    id: 'o1',
    status: 'final',
    subject: reference('Patient/a'),
    performer: [reference('Practitioner/dr')],
  },
  {
    resourceType: 'Observation',
    id: 'o2',
    status: 'final',
    subject: reference('Patient/a/_history/7'),
    device: reference('Device/d'),
    hasMember: [reference('Observation/o1')],
  },
  { resourceType: 'Observation', id: 'o3', status: 'amended', subject: reference('Group/a') },
  { resourceType: 'Observation', id: 'o4', status: 'amended', subject: reference('Patient/gone') },
  { resourceType: 'Observation', id: 'o5', status: 'amended', subject: reference('Patient/never') },
  { resourceType: 'Patient', id: 'gone' },
  { resourceType: 'Encounter', id: 'e1', subject: reference('Patient/b') },
  { resourceType: 'Provenance', id: 'p1', target: [reference('Observation/o1'), reference('Patient/a')] },
];

describe.each(databases)('includes on $name', (database) => {
  let opened: SearchStore;

  beforeAll(async () => {
    opened = await openSearchStore(database);
    for (const resource of resources) await put(opened.store, resource);
    await put(opened.store, { resourceType: 'Patient', id: 'gone' }, 'delete');
  });
  afterAll(() => opened.close());

  const query = (type: string, ...parameters: readonly SearchParameterPair[]): SearchQuery =>
    queryOf(type, parameters, 20);
  const found = async (asked: SearchQuery): Promise<string[]> => {
    const page = await opened.store.search(asked);
    const keys = [...page.matches, ...page.included].map(({ type, id }) => `${type}/${id}`);
    expect(new Set(keys).size).toBe(keys.length);
    for (const { id, content } of page.included) {
      expect(JSON.parse(content.toString())).toMatchObject({ id });
    }
    return page.included.map(({ type, id }) => `${type}/${id}`).sort();
  };

  test.each([
    ['Observation', [['_include', 'Observation:subject']], ['Group/a', 'Patient/a']],
    ['Observation', [['_include', 'Observation:subject:Patient']], ['Patient/a']],
    ['Observation', [['_include', 'Observation:patient']], ['Patient/a']],
    ['Observation', [['_include', 'Observation:has-member']], []],
    [
      'Observation',
      [
        ['status', 'final'],
        ['_include', '*'],
      ],
      ['Device/d', 'Patient/a', 'Practitioner/dr'],
    ],
    [
      'Observation',
      [
        ['_id', 'o2'],
        ['_include', 'Observation:*'],
      ],
      ['Device/d', 'Observation/o1', 'Patient/a'],
    ],
    [
      'Patient',
      [
        ['_id', 'a'],
        ['_include', 'Patient:link'],
        ['_include', 'Patient:general-practitioner:Practitioner'],
      ],
      ['Patient/b', 'Practitioner/dr'],
    ],
    ['Patient', [['_include', 'Patient:link']], []],
    [
      'Patient',
      [
        ['_id', 'a'],
        ['_revinclude', 'Observation:subject'],
      ],
      ['Observation/o1', 'Observation/o2'],
    ],
    [
      'Patient',
      [
        ['_id', 'b'],
        ['_revinclude', '*'],
      ],
      ['Encounter/e1', 'Patient/a'],
    ],
    [
      'Patient',
      [
        ['_id', 'a,b'],
        ['_revinclude', 'Encounter:*'],
        ['_revinclude', 'Provenance:target:Patient'],
      ],
      ['Encounter/e1', 'Provenance/p1'],
    ],
    [
      'Observation',
      [
        ['_id', 'o2'],
        ['_include', 'Observation:subject'],
        ['_include:iterate', 'Patient:organization'],
        ['_include:iterate', 'Organization:partof'],
      ],
      ['Organization/middle', 'Organization/top', 'Patient/a'],
    ],
    [
      'Observation',
      [
        ['_id', 'o2'],
        ['_include:iterate', 'Observation:has-member'],
        ['_revinclude:iterate', 'Provenance:target'],
      ],
      ['Observation/o1', 'Provenance/p1'],
    ],
    [
      'Observation',
      [
        ['_id', 'o2'],
        ['_include', 'Observation:subject'],
        ['_revinclude:iterate', 'Provenance:target'],
      ],
      ['Patient/a', 'Provenance/p1'],
    ],
    [
      'Patient',
      [
        ['_id', 'a'],
        ['_include:iterate', '*'],
      ],
      [
        'Organization/middle',
        'Organization/ring',
        'Organization/ring2',
        'Organization/top',
        'Patient/b',
        'Practitioner/dr',
      ],
    ],
    [
      'Patient',
      [
        ['_id', 'a'],
        ['_include', 'Patient:organization'],
        ['_include', 'Patient:general-practitioner'],
        ['_revinclude:iterate', 'Organization:partof'],
      ],
      ['Organization/middle', 'Organization/ring', 'Organization/ring2', 'Practitioner/dr'],
    ],
  ] as [string, SearchParameterPair[], string[]][])('%s %j', async (type, parameters, expected) => {
    expect(await found(query(type, ...parameters))).toEqual(expected);
  });

  test('come on every page, beside the matches and not among their number', async () => {
    const asked = {
      ...query('Observation', ['_sort', '_id'], ['_include', 'Observation:subject']),
      count: 1,
    };
    const pages: string[][] = [];
    let after: SearchQuery['after'];
    for (;;) {
      const page = await opened.store.search(after === undefined ? asked : { ...asked, after });
      expect(page.matches).toHaveLength(1);
      pages.push(page.included.map(({ type, id }) => `${type}/${id}`));
      if (page.next === null) break;
      after = page.next;
    }
    expect(pages).toEqual([['Patient/a'], ['Patient/a'], ['Group/a'], [], []]);
  });

  test('end at the limit and say which directives are cut', async () => {
    const search = opened.searchWith({ includedResources: 1 });
    const asked = query(
      'Observation',
      ['_id', 'o1'],
      ['_include', 'Observation:performer'],
      ['_include', 'Observation:subject'],
      ['_revinclude', 'Provenance:target'],
    );
    const page = await search(asked);
    expect(page.matches).toHaveLength(1);
    expect(page.included).toHaveLength(1);
    expect(page.cut).toEqual(asked.includes);
    const exact = await opened.searchWith({ includedResources: 3 })(asked);
    expect([exact.included.length, exact.cut]).toEqual([3, []]);
  });

  test('bring nothing that may not be seen, nor anything that only it leads to', async () => {
    const asked = query(
      'Observation',
      ['_id', 'o1'],
      ['_include', 'Observation:subject'],
      ['_include:iterate', 'Patient:organization'],
      ['_revinclude', 'Provenance:target'],
    );
    const sees = (
      byType: readonly [string, SearchExpression][],
      others: SearchExpression = none,
    ): SearchQuery => ({
      ...asked,
      access: { byType: new Map<string, SearchExpression>([['Observation', all], ...byType]), others },
    });
    expect(await found(sees([]))).toEqual([]);
    expect(await found(sees([['Organization', all]]))).toEqual([]);
    expect(await found(sees([['Provenance', all]]))).toEqual(['Provenance/p1']);
    expect(await found(sees([['Patient', none]], all))).toEqual(['Provenance/p1']);
    const active = (code: string): SearchExpression => ({
      kind: 'parameter',
      code: 'active',
      type: 'token',
      anyOf: [{ type: 'token', system: undefined, code }],
    });
    expect(await found(sees([['Patient', active('false')]]))).toEqual([]);
    expect(await found(sees([['Patient', active('true')]]))).toEqual(['Patient/a']);
    expect(
      await found(
        sees([
          ['Patient', { kind: 'not', operand: active('false') }],
          ['Organization', { kind: 'id', ids: ['top'] }],
          ['Provenance', { kind: 'not', operand: all }],
        ]),
      ),
    ).toEqual(['Patient/a']);
  });

  test('the limit counts what may be seen only', async () => {
    const asked = query('Patient', ['_id', 'a'], ['_revinclude', 'Observation:subject']);
    for (const id of ['o1', 'o2']) {
      const access = {
        byType: new Map<string, SearchExpression>([
          ['Patient', all],
          ['Observation', { kind: 'id', ids: [id] }],
        ]),
        others: none,
      };
      const page = await opened.searchWith({ includedResources: 1 })({ ...asked, access });
      expect([page.included.map((one) => one.id), page.cut]).toEqual([[id], []]);
    }
  });

  test('come from the same repository only', async () => {
    const page = await opened.store.search({
      ...query('Observation', ['_include', '*']),
      repository: 'other',
    });
    expect(page).toMatchObject({ matches: [], included: [] });
  });
});
