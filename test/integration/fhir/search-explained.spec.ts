import type { Response as InjectResponse } from 'light-my-request';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

interface Issue {
  readonly severity: string;
  readonly details: { readonly text: string };
  readonly diagnostics: string;
}

interface Statement {
  readonly purpose: string;
  readonly milliseconds: number;
  readonly rows: number;
  readonly sql: string;
  readonly plan: readonly {
    readonly table: string | null;
    readonly index: string | null;
    readonly read: number | null;
  }[];
}

describe.each(databases)('a search that is explained on $name', (database) => {
  let fhir: FhirApplication;

  beforeAll(async () => {
    fhir = await fhirApplication(database);
    await put('Patient', 'a', { name: [{ family: 'Confidential' }] });
    for (let n = 0; n < 3; n++) {
      await put('Observation', `o${n}`, {
        status: 'final',
        code: { text: 'x' },
        subject: { reference: 'Patient/a' },
      });
    }
  });
  afterAll(() => fhir.app.close());

  async function put(resourceType: string, id: string, elements: object): Promise<void> {
    const answer = await fhir.app.inject({
      method: 'PUT',
      url: `/fhir/r4/${resourceType}/${id}`,
      headers: { 'content-type': 'application/fhir+json' },
      payload: JSON.stringify({ resourceType, id, ...elements }),
    });
    expect(answer.statusCode).toBe(201);
  }
  const get = (path: string, headers: Record<string, string> = {}): Promise<InjectResponse> =>
    fhir.app.inject({ method: 'GET', url: `/fhir/r4/${path}`, headers });
  async function as<T>(principal: Partial<FhirApplication['access']['principal']>, work: () => Promise<T>) {
    const before = fhir.access.principal;
    fhir.access.principal = { ...before, ...principal };
    try {
      return await work();
    } finally {
      fhir.access.principal = before;
    }
  }
  const administrator = { roles: ['admin'] };
  const query =
    'Observation?subject=Patient/a&_include=Observation:subject&_total=accurate&_count=2&_sort=_id';

  function issuesOf(answer: InjectResponse): readonly Issue[] {
    expect(answer.statusCode).toBe(200);
    const { search, resource } = answer.json().entry.at(-1);
    expect([search.mode, resource.resourceType]).toEqual(['outcome', 'OperationOutcome']);
    return resource.issue as readonly Issue[];
  }

  it('tells an administrator the query, what drives it, each statement, its time, its rows and the keys', async () => {
    const answer = await as(administrator, () => get(`${query}&_explain=true`));
    const [read, driver, ...statements] = issuesOf(answer);
    expect(answer.json().entry).toHaveLength(4);
    expect(JSON.parse(read!.diagnostics)).toMatchObject({
      types: ['Observation'],
      filter: [{ kind: 'parameter', code: 'subject', anyOf: [{ targetType: 'Patient', targetId: 'a' }] }],
      sort: [{ code: '_id' }],
      count: 2,
      total: 'accurate',
      includes: ['_include=Observation:subject'],
    });
    expect(JSON.parse(driver!.diagnostics)).toMatchObject({
      driver: 'gather',
      candidates: [{ tables: ['index_reference'], rows: 3 }],
    });
    const steps = statements.map(({ diagnostics }) => JSON.parse(diagnostics) as Statement);
    expect(steps.map(({ purpose }) => purpose)).toEqual(['counts', 'page', 'includes', 'total']);
    expect(steps.map(({ rows }) => rows)).toEqual([1, 3, 1, 1]);
    for (const { sql, milliseconds, plan } of steps) {
      expect(milliseconds).toBeGreaterThan(0);
      expect(sql).toContain('index_reference');
      expect(plan.some(({ index }) => index !== null)).toBe(true);
    }
    const includes = steps[2]!.plan.map(({ index }) => index);
    expect(includes).toEqual(expect.arrayContaining(['index_reference_rid', 'resource_identity']));
    if (database.name === 'mysql') {
      expect(steps.flatMap(({ plan }) => plan).some(({ read: rows }) => rows !== null && rows >= 3)).toBe(
        true,
      );
    }
    expect(statements[1]!.details.text).toMatch(/^page: [\d.]+ ms, 3 rows; /);
  });

  it('holds neither values of the statements nor anything of what was found', async () => {
    const answer = await as(administrator, () =>
      get('Patient?family=Confid&_id=a&_explain=true&_elements=id'),
    );
    const [, ...rest] = issuesOf(answer);
    expect(JSON.stringify(rest)).not.toMatch(/confid/i);
  });

  it('says so where nothing can match', async () => {
    const answer = await as(administrator, () => get('Observation?subject=Device/1&_explain=true'));
    const [, driver, ...statements] = issuesOf(answer);
    expect(JSON.parse(driver!.diagnostics)).toMatchObject({ driver: null });
    expect(statements).toEqual([]);
  });

  it('is asked for by header too, and shown on every page that asks', async () => {
    const first = await as(administrator, () => get(query, { 'x-explain': 'true' }));
    expect(issuesOf(first).length).toBeGreaterThan(3);
    const next = first.json().link.find((one: { relation: string }) => one.relation === 'next').url as string;
    const path = next.slice(`${fhir.base}/`.length);
    expect((await as(administrator, () => get(path))).json().entry).toHaveLength(2);
    const explained = await as(administrator, () => get(`${path}&_explain=true`));
    expect(issuesOf(explained)[2]!.details.text).toMatch(/^counts|^page/);
  });

  it('is refused to everybody else, and what is neither true nor false to all', async () => {
    const others = [
      {},
      { roles: [] },
      { roles: ['practitioner'] },
      { roles: ['admin'], kind: 'client' as const },
    ];
    for (const principal of others) {
      for (const ask of [
        () => get('Observation?_explain=true'),
        () => get('Observation', { 'x-explain': 'true' }),
      ]) {
        const answer = await as(principal, ask);
        expect([answer.statusCode, answer.json().issue[0].details.coding[0].code]).toEqual([
          403,
          'FHIR_SEARCH_EXPLAIN_DENIED',
        ]);
      }
      expect((await as(principal, () => get('Observation?_explain=false'))).statusCode).toBe(200);
    }
    expect((await as(administrator, () => get('Observation?_explain=maybe'))).statusCode).toBe(400);
  });

  it('is refused to an administrator whose scope leaves something out', async () => {
    fhir.access.narrowed = true;
    try {
      const answer = await as(administrator, () => get('Observation?_explain=true'));
      expect([answer.statusCode, answer.json().issue[0].details.coding[0].code]).toEqual([
        403,
        'FHIR_SEARCH_EXPLAIN_DENIED',
      ]);
    } finally {
      fhir.access.narrowed = false;
    }
  });

  it('has no place in criteria', async () => {
    const answer = await as(administrator, () =>
      fhir.app.inject({ method: 'DELETE', url: '/fhir/r4/Observation?status=final&_explain=true' }),
    );
    expect(answer.statusCode).toBe(400);
  });
});
