import type { InjectOptions, Response as InjectResponse } from 'light-my-request';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

interface SearchSet {
  readonly total?: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly { readonly fullUrl: string; readonly search: { readonly mode: string } }[];
}

describe.each(databases)('searches across types on $name', (database) => {
  let fhir: FhirApplication;

  const send = (
    method: NonNullable<InjectOptions['method']>,
    path: string,
    payload?: object | string,
    headers: Record<string, string> = { 'content-type': 'application/fhir+json' },
  ): Promise<InjectResponse> =>
    fhir.app.inject({
      method,
      url: `/fhir/r4${path}`,
      headers,
      ...(payload === undefined ? {} : { payload }),
    });
  const put = async (path: string, more: object = {}): Promise<void> => {
    const [resourceType, id] = path.split('/');
    const answer = await send('PUT', `/${path}`, { resourceType, id, ...more });
    expect([answer.statusCode, answer.body]).toEqual([201, expect.anything()]);
  };
  const idsOf = ({ entry = [] }: SearchSet): string[] =>
    entry
      .filter(({ search }) => search.mode === 'match')
      .map(({ fullUrl }) => fullUrl.slice(`${fhir.base}/`.length))
      .sort();
  const found = async (path: string): Promise<string[]> => idsOf((await send('GET', path)).json());
  const codeOf = (answer: InjectResponse): unknown => answer.json().issue?.[0]?.details?.coding?.[0]?.code;
  const tagged = { meta: { tag: [{ system: 'urn:t', code: 'x' }] } };

  beforeAll(async () => {
    fhir = await fhirApplication(database, { FIREKEEP_VALIDATION: 'off' });
    await put('Organization/1', { name: 'Acme' });
    await put('Patient/1', {
      ...tagged,
      name: [{ family: 'Hidden' }],
      managingOrganization: { reference: 'Organization/1' },
    });
    await put('Patient/2', { name: [{ family: 'Other' }] });
    await put('Observation/1', { ...tagged, status: 'final', subject: { reference: 'Patient/1' } });
    await put('Observation/2', { status: 'amended', subject: { reference: 'Patient/2' } });
    await put('Condition/1', { ...tagged, subject: { reference: 'Patient/1' } });
  });
  afterAll(() => fhir.app.close());
  afterEach(() => fhir.access.denied.clear());

  const everything = [
    'Condition/1',
    'Observation/1',
    'Observation/2',
    'Organization/1',
    'Patient/1',
    'Patient/2',
  ];

  it('finds the resources of all types, and of those that _type names', async () => {
    expect(await found('')).toEqual(everything);
    expect(await found('?_type=Patient,Observation')).toEqual(
      everything.filter((key) => /^[PO]\w*t/.test(key)).filter((key) => !key.startsWith('Org')),
    );
    expect(await found('?_type=Organization')).toEqual(['Organization/1']);
    expect(await found('?_tag=urn:t|x')).toEqual(['Condition/1', 'Observation/1', 'Patient/1']);
    expect(await found('?_type=Patient,Condition&_tag=urn:t|x')).toEqual(['Condition/1', 'Patient/1']);
    expect(await found('?_id=1&_type=Patient,Organization')).toEqual(['Organization/1', 'Patient/1']);
    expect(await found('?_type=Observation,Condition&subject=Patient/1')).toEqual([
      'Condition/1',
      'Observation/1',
    ]);
    expect(await found('?_type=Observation,Condition&subject:Patient.name=hidden')).toEqual([
      'Condition/1',
      'Observation/1',
    ]);
  });

  it('takes the parameters in a form too', async () => {
    const answer = await send('POST', '/_search', '_type=Patient,Condition&_tag=urn:t|x', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(idsOf(answer.json())).toEqual(['Condition/1', 'Patient/1']);
  });

  it.each(['', '&_sort=_id', '&_sort=-_lastUpdated'])(
    'pages through several types, each match once (%s)',
    async (sort) => {
      const seen: string[] = [];
      let url: string | undefined = `?_count=2${sort}`;
      let second = '';
      while (url !== undefined) {
        const page: SearchSet = (await send('GET', url)).json();
        expect(page.link[0]?.url.startsWith(`${fhir.base}?`)).toBe(true);
        seen.push(...idsOf(page));
        url = page.link.find(({ relation }) => relation === 'next')?.url.slice(fhir.base.length);
        second ||= url ?? '';
      }
      expect(seen.sort()).toEqual(everything);
      expect(codeOf(await send('GET', `/Patient${second}`))).toBe('FHIR_SEARCH_PAGE_INVALID');
      expect(codeOf(await send('GET', `${second}&_type=Patient`))).toBe('FHIR_SEARCH_PAGE_INVALID');
    },
  );

  it('counts', async () => {
    expect((await send('GET', '?_summary=count')).json()).toMatchObject({ total: everything.length });
    expect((await send('GET', '?_type=Patient,Condition&_summary=count')).json()).toMatchObject({ total: 3 });
  });

  it('finds what a list refers to, where the list may be seen', async () => {
    await put('List/l', {
      entry: [{ item: { reference: 'Patient/1' } }, { item: { reference: 'Observation/2' } }],
    });
    expect(await found('?_list=l')).toEqual(['Observation/2', 'Patient/1']);
    expect(await found('/Patient?_list=l')).toEqual(['Patient/1']);
    expect(await found('/Patient?_list=none')).toEqual([]);
    expect(await found('/Observation?subject:Patient._list=l')).toEqual(['Observation/1']);
    fhir.access.denied.add('search-type List');
    expect(await found('/Patient?_list=l')).toEqual([]);
    fhir.access.denied.clear();
    await send('DELETE', '/List/l');
    expect(await found('?_list=l')).toEqual([]);
  });

  it('names what it did in the self link', async () => {
    const { link }: SearchSet = (await send('GET', '?_type=Patient,Condition&name=x&_id=1')).json();
    expect(link[0]?.url).toBe(`${fhir.base}?_type=Patient,Condition&_id=1`);
  });

  it.each([
    ['?_type=Nothing', 'FHIR_SEARCH_INVALID_VALUE'],
    ['?_type=Patient,', 'FHIR_SEARCH_INVALID_VALUE'],
    ['?_type=', 'FHIR_SEARCH_INVALID_VALUE'],
    ['?_type=Patient&_type=Group', 'FHIR_SEARCH_REPEATED_PARAMETER'],
    ['/Patient?_type=Patient', 'FHIR_SEARCH_UNSUPPORTED_PARAMETER'],
  ])('refuses %s', async (path, code) => {
    expect(codeOf(await send('GET', path))).toBe(code);
  });

  it('leaves out, or refuses, what not all of the types have', async () => {
    expect(await found('?name=hidden')).toEqual(everything);
    const strict = await send('GET', '?name=hidden', undefined, { prefer: 'handling=strict' });
    expect(codeOf(strict)).toBe('FHIR_SEARCH_UNKNOWN_PARAMETER');
  });

  it('narrows * of a compartment by _type', async () => {
    expect(await found('/Patient/1/*?_type=Condition')).toEqual(['Condition/1']);
    expect(codeOf(await send('GET', '/Patient/1/*?_type=Organization'))).toBe('FHIR_SEARCH_INVALID_VALUE');
  });

  it('is an entry of a batch and of a transaction', async () => {
    for (const type of ['batch', 'transaction']) {
      const answer = await send('POST', '', {
        resourceType: 'Bundle',
        type,
        entry: ['?_type=Condition,Patient&_tag=urn:t|x', `${fhir.base}?_id=2`].map((url) => ({
          request: { method: 'GET', url },
        })),
      });
      const bundles = answer.json().entry.map((entry: { resource: SearchSet }) => idsOf(entry.resource));
      expect(bundles).toEqual([
        ['Condition/1', 'Patient/1'],
        ['Observation/2', 'Patient/2'],
      ]);
    }
    const none = await send('POST', '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ request: { method: 'DELETE', url: '?_id=1' } }],
    });
    expect(none.statusCode).toBe(400);
    expect(await found('')).toEqual(everything);
  });

  describe('where some types may not be searched', () => {
    beforeEach(() =>
      fhir.access.denied.add('search-type Patient').add('search-system null').add('search-system *'),
    );

    it('shows the others, and refuses those that are named', async () => {
      const others = everything.filter((key) => !key.startsWith('Patient'));
      expect(await found('')).toEqual(others);
      expect((await send('GET', '?_summary=count')).json()).toMatchObject({ total: others.length });
      expect((await send('GET', '?_type=Observation,Patient')).statusCode).toBe(403);
      expect(await found('?_type=Observation,Condition')).toHaveLength(3);
      const entry = { request: { method: 'GET', url: '?_type=Patient' } };
      const batch = await send('POST', '', { resourceType: 'Bundle', type: 'batch', entry: [entry] });
      expect(batch.json().entry[0].response.status).toMatch(/^403/);
    });

    it.each([
      ['a chain', '/Observation?subject:Patient.name=hidden', []],
      ['a chain through it', '/Observation?patient.organization.name=acme', []],
      ['the opposite of a chain', '/Observation?subject:Patient.gender:missing=true', []],
      ['_has', '/Organization?_has:Patient:organization:name=hidden', []],
      [
        'a chain within _has',
        '/Organization?_has:Patient:organization:_has:Observation:subject:status=final',
        [],
      ],
      ['all types', '?_type=Observation,Condition&subject:Patient.name=hidden', []],
      ['what needs no such resource', '/Observation?subject=Patient/1', ['Observation/1']],
    ])('shows nothing of them by %s', async (_, path, expected) => {
      expect(await found(path)).toEqual(expected);
      const counted = await send('GET', `${path}&_summary=count`);
      expect(counted.json()).toMatchObject({ total: expected.length });
      const sorted = await send('GET', `${path}&_sort=-_lastUpdated&_total=accurate`);
      expect(idsOf(sorted.json())).toEqual(expected);
    });

    it('shows nothing of them by criteria', async () => {
      const created = await send(
        'POST',
        '/Observation',
        { resourceType: 'Observation', status: 'final' },
        {
          'content-type': 'application/fhir+json',
          'if-none-exist': 'subject:Patient.name=hidden&status=final',
        },
      );
      expect(created.statusCode).toBe(201);
      const path = String(created.headers.location).replace(fhir.base, '');
      await send('DELETE', path.replace(/\/_history.*/, ''));
    });
  });

  it('shows nothing to those who may search nothing', async () => {
    fhir.access.denied.add('search-type *').add('search-system *');
    expect((await send('GET', '')).statusCode).toBe(403);
  });

  describe('criteria that follow references', () => {
    it('pick the resource of a conditional interaction', async () => {
      const body = { resourceType: 'Observation', status: 'final', subject: { reference: 'Patient/1' } };
      const headers = {
        'content-type': 'application/fhir+json',
        'if-none-exist': 'subject:Patient.name=hidden',
      };
      expect((await send('POST', '/Observation', body, headers)).statusCode).toBe(200);
      const updated = await send('PUT', '/Patient?_has:Observation:subject:status=amended', {
        resourceType: 'Patient',
        name: [{ family: 'Other' }],
        gender: 'male',
      });
      expect([updated.statusCode, updated.json().id]).toEqual([200, '2']);
    });

    it('make one resource of many equal creates', async () => {
      const body = { resourceType: 'Condition', subject: { reference: 'Patient/2' } };
      const headers = {
        'content-type': 'application/fhir+json',
        'if-none-exist': 'patient:Patient.name=other',
      };
      const answers = await Promise.all(
        Array.from({ length: 12 }, () => send('POST', '/Condition', body, headers)),
      );
      const statuses = answers.map(({ statusCode }) => statusCode).sort();
      expect(statuses).toEqual([...Array<number>(11).fill(200), 201]);
      const [key = ''] = await found('/Condition?subject=Patient/2');
      await send('DELETE', `/${key}`);
    });

    it('see what is stored in a transaction, and are refused where its own resources would decide', async () => {
      const conditional = (ifNoneExist: string) => ({
        resource: { resourceType: 'Observation', status: 'final', subject: { reference: 'Patient/1' } },
        request: { method: 'POST', url: 'Observation', ifNoneExist },
      });
      const transaction = (entry: object[]) =>
        send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
      const alone = await transaction([conditional('subject:Patient.name=hidden')]);
      expect(alone.json().entry[0].response.status).toMatch(/^200/);
      const two = await transaction([
        conditional('subject:Patient.name=nobody'),
        conditional('subject:Patient.name=noone'),
      ]);
      expect([two.statusCode, codeOf(two)]).toEqual([400, 'FHIR_CRITERIA_OF_OTHERS']);
      expect(await found('/Observation')).toEqual(['Observation/1', 'Observation/2']);
    });
  });
});
