import { ReindexRunner, StoreCheck, type Finding } from '../../../src/fhir/index.js';
import { REINDEX_JOBS, type ReindexJob, type ReindexJobs } from '../../../src/fhir/storage/reindex-jobs.js';
import { Database } from '../../../src/platform/database/index.js';
import { databases, type TestDatabase } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

const json = 'application/fhir+json';

function definition(code: string, base: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    resourceType: 'SearchParameter',
    id: code,
    url: `http://example.org/SearchParameter/${code}`,
    name: 'Defined',
    status: 'active',
    description: 'Of a repository.',
    code,
    base: [base],
    type: 'string',
    expression: `${base}.extension('http://example.org/${code}').value.ofType(string)`,
    ...more,
  };
}

const valued = (type: string, code: string, valueString: string, more: object = {}) => ({
  resourceType: type,
  extension: [{ url: `http://example.org/${code}`, valueString }],
  ...more,
});

/** Requests to one process. */
class Client {
  readonly jobs: ReindexJobs;

  constructor(readonly fhir: FhirApplication) {
    this.jobs = fhir.app.get<ReindexJobs>(REINDEX_JOBS, { strict: false });
  }

  start(): void {
    this.fhir.app.get(ReindexRunner, { strict: false }).start();
  }

  async ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) {
    const answer = await this.fhir.app.inject({
      method,
      url: `/fhir/r4${path}`,
      headers: { prefer: 'handling=strict', ...(body === undefined ? {} : { 'content-type': json }) },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : JSON.parse(answer.body) };
  }

  async store(...resources: readonly { resourceType: string; id?: string }[]): Promise<void> {
    const entry = resources.map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    }));
    const { status, body } = await this.ask('POST', '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry,
    });
    expect([status, body]).toEqual([200, expect.anything()]);
  }

  async define(parameter: Record<string, unknown>): Promise<void> {
    const { status, body } = await this.ask('PUT', `/SearchParameter/${String(parameter.id)}`, parameter);
    expect([status < 300, body]).toEqual([true, expect.anything()]);
  }

  async found(query: string): Promise<string[]> {
    const { status, body } = await this.ask('GET', `${query}&_count=1000`);
    expect([status, body]).toEqual([200, expect.anything()]);
    return (body.entry ?? []).map(({ resource }: { resource: { id: string } }) => resource.id).sort();
  }

  /** The jobs, once none is queued or running. */
  async settled(): Promise<readonly ReindexJob[]> {
    return eventually(async () => {
      const jobs = await this.jobs.list(undefined, 100);
      return jobs.every(({ status }) => status !== 'queued' && status !== 'running') ? jobs : undefined;
    });
  }

  async findings(): Promise<readonly Finding[]> {
    const found: Finding[] = [];
    await this.fhir.app.get(StoreCheck, { strict: false }).run({ finding: (one) => found.push(one) });
    return found;
  }
}

async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 2_400; tries++) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('It did not come about.');
}

/** Several processes on one database, as far as one can be had in a test. */
async function sharing(database: TestDatabase, count: number): Promise<Client[]> {
  const url = await database.create();
  const same = { ...database, create: () => Promise.resolve(url) };
  const clients: Client[] = [];
  for (let index = 0; index < count; index++) {
    clients.push(new Client(await fhirApplication(same, { FIREKEEP_REINDEX_LOAD: '100' })));
  }
  return clients;
}

describe.each(databases)('the index derived again on $name', (database) => {
  let clients: Client[];
  let one: Client;
  let other: Client;

  beforeAll(async () => {
    clients = await sharing(database, 2);
    [one, other] = clients as [Client, Client];
  });
  afterAll(() => Promise.all(clients.map(({ fhir }) => fhir.app.close())));

  it('waits until a process works on it', async () => {
    const many = Array.from({ length: 120 }, (_, n) =>
      valued('Patient', 'shelf', `s${n % 3}`, { id: `p${n}` }),
    );
    await one.store(...many);
    await one.define(definition('shelf', 'Patient'));
    const [job] = await one.jobs.list(undefined, 1);
    expect(job).toMatchObject({
      status: 'queued',
      origin: 'search-parameter',
      scope: { types: ['Patient'] },
    });
    expect((await one.ask('GET', '/Patient?shelf=s1')).status).toBe(400);
  });

  it('makes a parameter complete, in every process, while others write', async () => {
    for (const client of clients) client.start();
    const writes = Array.from({ length: 60 }, async (_, n) => {
      const client = clients[n % 2] ?? one;
      if (n % 5 === 0) return client.ask('DELETE', `/Patient/p${n}`);
      const id = n % 3 === 0 ? `new${n}` : `p${n}`;
      return client.ask('PUT', `/Patient/${id}`, valued('Patient', 'shelf', 's9', { id }));
    });
    const answers = await Promise.all(writes);
    expect(answers.filter(({ status }) => status >= 300)).toEqual([]);
    const [job] = await one.settled();
    expect(job).toMatchObject({ status: 'done', skipped: 0, reason: null });
    const expected = Array.from({ length: 60 }, (_, n) =>
      n % 5 === 0 ? '' : n % 3 === 0 ? `new${n}` : `p${n}`,
    );
    for (const client of clients) {
      expect(await client.found('/Patient?shelf=s9')).toEqual(expected.filter((id) => id !== '').sort());
      expect(await client.found('/Patient?shelf:missing=true')).toEqual([]);
    }
    expect(await one.findings()).toEqual([]);
  });

  it('follows a changed definition, and finds nothing by the old one meanwhile', async () => {
    const changed = definition('shelf', 'Patient', { type: 'token', expression: 'Patient.active' });
    await other.store({ resourceType: 'Patient', id: 'active', ...{ active: true } });
    await one.define(changed);
    const during = await other.ask('GET', '/Patient?shelf=s9');
    expect([200, 400]).toContain(during.status);
    expect(during.body.entry ?? []).toEqual([]);
    await one.settled();
    expect(await other.found('/Patient?shelf=true')).toEqual(['active']);
    expect(await one.findings()).toEqual([]);
  });

  it('removes the rows of a parameter that is no longer defined', async () => {
    expect((await other.ask('DELETE', '/SearchParameter/shelf')).status).toBe(204);
    expect((await one.ask('GET', '/Patient?shelf=true')).status).toBe(400);
    const [job] = await one.settled();
    expect(job).toMatchObject({ status: 'done', scope: { removal: true }, done: 1 });
    const left = await one.fhir.app.get(Database).query('SELECT code FROM fhir_search_parameter');
    expect(left).toEqual([]);
    expect(await one.findings()).toEqual([]);
  });

  it('goes on behind a definition that came, went and came again', async () => {
    const parameter = definition('again', 'Patient');
    await one.store(valued('Patient', 'again', 'here', { id: 'again' }));
    await one.define(parameter);
    await other.ask('DELETE', '/SearchParameter/again');
    await one.define(parameter);
    await one.settled();
    expect(await other.found('/Patient?again=here')).toEqual(['again']);
    expect(await one.findings()).toEqual([]);
  });

  it('pauses, resumes and is given up', async () => {
    const id = await one.jobs.add('default', { types: null }, 'test');
    await one.jobs.pause(id);
    const paused = await one.settled();
    if (paused[0]?.status === 'paused') {
      expect(await one.jobs.pause(id)).toBe(false);
      expect(await one.jobs.resume(id)).toBe(true);
    }
    expect((await one.settled())[0]).toMatchObject({ id, status: 'done' });
    expect(await one.jobs.cancel(id)).toBe(false);
  });

  it('repairs rows that are wrong', async () => {
    const broken = one.fhir.app.get(Database);
    await broken.transaction((session) => session.execute('DELETE FROM index_token'));
    expect((await one.findings()).length).toBeGreaterThan(0);
    await one.jobs.add('default', { resources: ['Patient/active'] }, 'test');
    await one.settled();
    expect((await one.findings()).filter(({ resource }) => resource === 'Patient/active')).toEqual([]);
    await one.jobs.add('default', { types: null }, 'test');
    const [job] = await one.settled();
    expect(job?.done).toBe(job?.total);
    expect(await one.findings()).toEqual([]);
  });

  it('leaves out what can not be indexed, names it, and says so in searches', async () => {
    await one.store(
      valued('Group', 'part', 'fine', { id: 'fine', type: 'person', actual: true }),
      valued('Group', 'part', 'bad', { id: 'bad', type: 'person', actual: true }),
    );
    await one.fhir.app
      .get(Database)
      .transaction((session) =>
        session.execute('UPDATE resource SET content = ? WHERE id = ?', [Buffer.from('{broken'), 'bad']),
      );
    await one.define(definition('part', 'Group'));
    const [job] = await one.settled();
    expect(job).toMatchObject({ status: 'done', done: 2, total: 2, skipped: 1 });
    expect(await one.jobs.skipped(job?.id ?? 0, 10)).toEqual([
      { resource: 'Group/bad', reason: expect.stringContaining('JSON') },
    ]);
    expect((await other.ask('GET', '/Group?part=fine')).status).toBe(400);
    const lenient = await other.fhir.app.inject({ method: 'GET', url: '/fhir/r4/Group?part=fine' });
    const { entry } = JSON.parse(lenient.body) as {
      entry: { resource: { id: string; resourceType: string } }[];
    };
    expect(entry.map(({ resource }) => resource.resourceType)).toEqual(['Group', 'OperationOutcome']);
  });
});

describe.each(databases)('$reindex on $name', (database) => {
  let fhir: FhirApplication;
  beforeAll(async () => {
    fhir = await fhirApplication(database, { FIREKEEP_REINDEX_LOAD: '100' });
    fhir.app.get(ReindexRunner, { strict: false }).start();
    for (const [type, id] of [
      ['Patient', 'a'],
      ['Patient', 'b'],
      ['Group', 'g'],
    ] as const) {
      const group = type === 'Group' ? { type: 'person', actual: true } : {};
      const { statusCode } = await ask('PUT', `/${type}/${id}`, { resourceType: type, id, ...group });
      expect(statusCode).toBe(201);
    }
    fhir.access.principal = { ...fhir.access.principal, roles: ['admin'] };
  });
  afterAll(() => fhir.app.close());

  const ask = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) =>
    fhir.app.inject({
      method,
      url: `/fhir/r4${path}`,
      ...(body === undefined ? {} : { headers: { 'content-type': json }, payload: JSON.stringify(body) }),
    });
  type Answered = Awaited<ReturnType<typeof ask>>;
  const valuesOf = (answer: Answered) =>
    Object.fromEntries(
      (answer.json().parameter as Record<string, unknown>[]).map(({ name, ...value }) => [
        name,
        Object.values(value)[0],
      ]),
    );
  const done = (answer: Answered): Promise<Record<string, unknown>> => {
    expect(answer.statusCode).toBe(202);
    const location = String(answer.headers['content-location']).replace(fhir.base, '');
    expect(location).toMatch(/^\/\$reindex\?job=\d+$/);
    return eventually(async () => {
      const values = valuesOf(await ask('GET', location));
      return values.status === 'done' ? values : undefined;
    });
  };

  it('takes the repository, types, a type, and one resource', async () => {
    expect(await done(await ask('POST', '/$reindex'))).toMatchObject({ total: 3, done: 3, skipped: 0 });
    const types = ['Group', 'Device'].map((valueCode) => ({ name: 'type', valueCode }));
    const some = await ask('POST', '/$reindex', { resourceType: 'Parameters', parameter: types });
    expect(await done(some)).toMatchObject({ total: 1, done: 1, origin: 'alice' });
    expect(await done(await ask('POST', '/Patient/$reindex'))).toMatchObject({ type: 'Patient', total: 2 });
    const single = await done(await ask('POST', '/Patient/a/$reindex'));
    expect(single).toMatchObject({ resource: 'Patient/a', done: 1 });
    const list = await ask('GET', '/$reindex');
    expect(list.json().parameter.map(({ name }: { name: string }) => name)).toEqual(Array(4).fill('job'));
  });

  it('steers a job by its number, and says where that makes no sense', async () => {
    const { id } = await done(await ask('POST', '/Patient/$reindex'));
    const code = (answer: Answered) => [answer.statusCode, answer.json().issue[0].details.coding[0].code];
    expect(code(await ask('POST', `/$reindex?job=${String(id)}&action=pause`))).toEqual([
      409,
      'FHIR_REINDEX_STATE',
    ]);
    expect(code(await ask('POST', `/$reindex?job=${String(id)}&action=stop`))[0]).toBe(400);
    expect(code(await ask('POST', '/$reindex?action=pause'))[0]).toBe(400);
    expect(code(await ask('POST', '/$reindex?type=Patients'))[0]).toBe(400);
    expect(code(await ask('GET', '/$reindex?job=999'))).toEqual([404, 'FHIR_REINDEX_UNKNOWN_JOB']);
  });

  it('is for administrators', async () => {
    const { principal } = fhir.access;
    for (const less of [
      { roles: ['practitioner'] },
      { kind: 'client' as const },
      { kind: 'anonymous' as const },
    ]) {
      fhir.access.principal = { ...principal, ...less };
      for (const method of ['GET', 'POST'] as const) {
        expect((await ask(method, '/$reindex')).statusCode).toBe(403);
      }
    }
    fhir.access.principal = principal;
    fhir.access.narrowed = true;
    expect((await ask('GET', '/$reindex')).statusCode).toBe(403);
    fhir.access.narrowed = false;
    fhir.access.denied.add('update SearchParameter');
    expect((await ask('POST', '/$reindex')).statusCode).toBe(403);
    fhir.access.denied.clear();
    expect((await ask('GET', '/$reindex')).statusCode).toBe(200);
  });
});
