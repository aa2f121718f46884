import type { Response as InjectResponse } from 'light-my-request';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

interface Entry {
  readonly fullUrl?: string;
  readonly search: { readonly mode: string };
  readonly resource: {
    readonly resourceType: string;
    readonly id?: string;
    readonly [element: string]: unknown;
  };
}

describe.each(databases)('results of a search on $name', (database) => {
  let fhir: FhirApplication;

  beforeAll(async () => {
    fhir = await fhirApplication(database, { FIREKEEP_MAXIMUM_INCLUDED: '3' });
    await put({
      resourceType: 'Patient',
      id: 'a',
      name: [{ family: 'Chalmers' }],
      birthDate: '1970-01-01',
      multipleBirthBoolean: true,
    });
    await put({ resourceType: 'Patient', id: 'b' });
    for (let n = 1; n <= 4; n++) {
      await put({
        resourceType: 'Observation',
        id: `o${n}`,
        status: 'final',
        code: { text: 'Heart rate' },
        subject: { reference: n === 4 ? 'Patient/b' : 'Patient/a' },
        effectiveDateTime: `2024-01-0${n}`,
        valueQuantity: { value: n },
      });
    }
    for (let n = 1; n <= 4; n++) {
      await put({
        resourceType: 'Encounter',
        id: `e${n}`,
        status: 'planned',
        class: { code: 'AMB' },
        subject: { reference: 'Patient/b' },
      });
    }
  });
  afterAll(() => fhir.app.close());

  async function put(resource: {
    readonly resourceType: string;
    readonly id: string;
    readonly [element: string]: unknown;
  }): Promise<void> {
    const answer = await fhir.app.inject({
      method: 'PUT',
      url: `/fhir/r4/${resource.resourceType}/${resource.id}`,
      headers: { 'content-type': 'application/fhir+json' },
      payload: JSON.stringify(resource),
    });
    expect([answer.statusCode, answer.body]).toEqual([201, expect.anything()]);
  }
  const get = (path: string, headers: Record<string, string> = {}): Promise<InjectResponse> =>
    fhir.app.inject({ method: 'GET', url: `/fhir/r4/${path}`, headers });
  const post = (path: string, payload: string): Promise<InjectResponse> =>
    fhir.app.inject({
      method: 'POST',
      url: `/fhir/r4/${path}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload,
    });
  const entries = (answer: InjectResponse): readonly Entry[] => answer.json().entry ?? [];
  const shown = (answer: InjectResponse): string[] =>
    entries(answer).map(
      ({ search, resource }) => `${search.mode} ${resource.resourceType}/${resource.id ?? ''}`,
    );
  const link = (answer: InjectResponse, relation: string): string | undefined =>
    answer.json().link.find((one: { relation: string }) => one.relation === relation)?.url;
  const below = (url: string | undefined): string => url!.slice(`${fhir.base}/`.length);

  it('come in the order of matches, includes, outcome, each with its mode and address', async () => {
    const answer = await get('Observation?_include=Observation:subject&_id=o1,o4&nonsense=1&_sort=_id');
    expect(answer.statusCode).toBe(200);
    expect(shown(answer)).toEqual([
      'match Observation/o1',
      'match Observation/o4',
      'include Patient/b',
      'include Patient/a',
      'outcome OperationOutcome/',
    ]);
    expect(entries(answer).map(({ fullUrl }) => fullUrl)).toEqual([
      `${fhir.base}/Observation/o1`,
      `${fhir.base}/Observation/o4`,
      `${fhir.base}/Patient/b`,
      `${fhir.base}/Patient/a`,
      undefined,
    ]);
    expect(answer.json().total).toBe(2);
    expect(link(answer, 'self')).toBe(
      `${fhir.base}/Observation?_include=Observation:subject&_id=o1,o4&_sort=_id`,
    );
  });

  it('carry their includes from page to page, beside _count matches', async () => {
    let path = 'Observation?_include=Observation:subject&_sort=_id&_count=1';
    const pages: string[][] = [];
    for (;;) {
      const answer = await get(path);
      pages.push(shown(answer));
      const next = link(answer, 'next');
      if (next === undefined) break;
      expect(next).toContain('_include=Observation:subject');
      path = below(next);
    }
    const page = (observation: string, patient: string): string[] => [
      `match Observation/${observation}`,
      `include Patient/${patient}`,
    ];
    expect(pages).toEqual([page('o1', 'a'), page('o2', 'a'), page('o3', 'a'), page('o4', 'b')]);
  });

  it('lead back by previous links to exactly the matches before', async () => {
    const query = 'Observation?_sort=-date&_count=2&_include=Observation:subject';
    const first = await get(query);
    expect(link(first, 'previous')).toBeUndefined();
    const second = await get(below(link(first, 'next')));
    expect(link(second, 'next')).toBeUndefined();
    const back = await get(below(link(second, 'previous')));
    expect(entries(back)).toEqual(entries(first));
    expect(link(back, 'previous')).toBeUndefined();
    expect(link(back, 'first')).toBe(`${fhir.base}/${query}`);
    expect(entries(await get(below(link(back, 'next'))))).toEqual(entries(second));
    const { principal } = fhir.access;
    fhir.access.principal = { ...principal, subject: 'bob' };
    try {
      expect((await get(below(link(second, 'previous')))).statusCode).toBe(403);
    } finally {
      fhir.access.principal = principal;
    }
  });

  it('tell the total where it is free or asked for, on every page', async () => {
    const total = async (path: string): Promise<unknown> => (await get(path)).json().total;
    expect(await total('Observation?_count=2')).toBeUndefined();
    expect(await total('Observation?_count=2&_total=none')).toBeUndefined();
    expect(await total('Observation?_count=4')).toBe(4);
    for (const asked of ['accurate', 'estimate']) {
      const first = await get(`Observation?_count=2&_total=${asked}`);
      const second = await get(below(link(first, 'next')));
      expect([first.json().total, second.json().total]).toEqual([4, 4]);
    }
    for (const counted of ['_summary=count', '_count=0', '_summary=count&_include=Observation:subject']) {
      const answer = await get(`Observation?${counted}`);
      expect([answer.json().total, answer.json().entry, link(answer, 'next')]).toEqual([
        4,
        undefined,
        undefined,
      ]);
    }
    expect((await get('Observation?_total=some')).statusCode).toBe(400);
  });

  it('say which includes are cut where a page would have too many', async () => {
    const answer = await get('Patient?_id=b&_revinclude=Observation:subject&_revinclude=Encounter:subject');
    expect(answer.statusCode).toBe(200);
    const modes = entries(answer).map(({ search }) => search.mode);
    expect(modes).toEqual(['match', 'include', 'include', 'include', 'outcome']);
    expect(entries(answer).at(-1)?.resource).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [
        {
          severity: 'warning',
          code: 'incomplete',
          details: { text: expect.stringContaining('_revinclude=Encounter:subject') },
        },
      ],
    });
  });

  it('include nothing of a type that the caller may not search', async () => {
    fhir.access.denied.add('search-type Patient');
    try {
      const answer = await get(
        'Observation?_id=o1&_include=Observation:subject&_include=Observation:patient',
      );
      expect(shown(answer)).toEqual(['match Observation/o1']);
    } finally {
      fhir.access.denied.clear();
    }
    expect(shown(await get('Observation?_id=o1&_include=Observation:subject'))).toHaveLength(2);
  });

  it('refuse includes by what is no reference, and narratives alone with includes', async () => {
    for (const query of [
      '_include=Observation:status',
      '_include:recurse=Observation:subject',
      '_include=*&_summary=text',
      '_contained=true',
      '_contained=both',
      '_containedType=container',
    ]) {
      const answer = await get(`Observation?${query}`);
      expect([query, answer.statusCode]).toEqual([query, 400]);
      expect(answer.json().issue[0].details.text.length).toBeGreaterThan(20);
    }
    expect((await get('Observation?_contained=false')).statusCode).toBe(200);
  });

  it('cut matches and included resources down to a summary, and _elements the matches alone', async () => {
    const summary = entries(await get('Observation?_id=o1&_include=Observation:subject&_summary=true'));
    expect(summary.map(({ resource }) => resource)).toEqual([
      expect.objectContaining({ id: 'o1', meta: expect.objectContaining({ tag: [subsetted] }) }),
      expect.objectContaining({
        id: 'a',
        birthDate: '1970-01-01',
        meta: expect.objectContaining({ tag: [subsetted] }),
      }),
    ]);
    expect(summary[1]?.resource).not.toHaveProperty('multipleBirthBoolean');
    const elements = entries(await get('Observation?_id=o1&_include=Observation:subject&_elements=status'));
    expect(elements[0]?.resource).not.toHaveProperty('subject');
    expect(elements[0]?.resource).toMatchObject({ meta: { tag: [subsetted] } });
    expect(elements[1]?.resource).toMatchObject({ id: 'a', multipleBirthBoolean: true });
  });

  it('are the same for GET and POST, parameters of address and body together', async () => {
    const query = 'status=final&_include=Observation:subject&_count=2&_sort=-date';
    const byGet = await get(`Observation?${query}`);
    const byPost = await post('Observation/_search', query);
    const byBoth = await post(
      'Observation/_search?status=final&_include=Observation:subject',
      '_count=2&_sort=-date',
    );
    for (const answer of [byPost, byBoth]) {
      expect(answer.statusCode).toBe(200);
      expect(entries(answer)).toEqual(entries(byGet));
      expect(link(answer, 'self')).toBe(link(byGet, 'self'));
      const next = await get(below(link(answer, 'next')));
      expect(shown(next)).toEqual(['match Observation/o2', 'match Observation/o1', 'include Patient/a']);
    }
  });
});

const subsetted = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
};
