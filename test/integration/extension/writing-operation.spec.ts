import { Module } from '@nestjs/common';
import { HandOverOperation } from '../../../examples/extension/hand-over.operation.js';
import { FhirExtensionModule, FhirHooks, FhirOperations } from '../../../src/fhir/index.js';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

const json = 'application/fhir+json';
/** What the hooks were told. */
const told: string[] = [];
let vetoed: string | undefined;

@Module({ imports: [FhirExtensionModule], providers: [HandOverOperation] })
class WardModule {
  constructor(operations: FhirOperations, hooks: FhirHooks, handOver: HandOverOperation) {
    operations.add(handOver);
    hooks.register({
      name: 'Ward',
      resourceTypes: ['Task', 'Encounter'],
      beforeCreate: ({ type }) => {
        told.push(`beforeCreate ${type}`);
      },
      beforeUpdate: ({ type }) => {
        told.push(`beforeUpdate ${type}`);
      },
      inTransaction: ({ type, kind }) => {
        told.push(`inTransaction ${kind} ${type}`);
        if (type === vetoed) throw new Error('not now');
      },
    });
  }
}

const handOver = (to: string): object => ({
  resourceType: 'Parameters',
  parameter: [{ name: 'to', valueUri: to }],
});

describe.each(databases)('an operation that writes, on $name', (database) => {
  let fhir: FhirApplication;
  let count = 0;

  const ask = async (method: 'GET' | 'POST' | 'PUT', path: string, body?: object, more: object = {}) => {
    const answer = await fhir.app.inject({
      method,
      url: `/fhir/r4${path}`,
      headers: { ...(body === undefined ? {} : { 'content-type': json }), ...more },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, body: answer.json() };
  };
  const tasks = async (): Promise<number> => (await ask('GET', '/Task?_summary=count')).body.total as number;
  /** An encounter of its own. */
  const admitted = async (more: object = {}): Promise<string> => {
    const id = `visit-${(count += 1)}`;
    const encounter = {
      resourceType: 'Encounter',
      id,
      status: 'in-progress',
      class: { code: 'IMP' },
      length: { value: 1.5, unit: 'h' },
      ...more,
    };
    const text = JSON.stringify(encounter).replace('1.5,', '1.50,');
    const answer = await fhir.app.inject({
      method: 'PUT',
      url: `/fhir/r4/Encounter/${id}`,
      headers: { 'content-type': json },
      payload: text,
    });
    expect(answer.statusCode).toBe(201);
    return id;
  };

  beforeAll(async () => {
    fhir = await fhirApplication(database, { FIREKEEP_LOG_LEVEL: 'silent' }, [WardModule]);
    await ask('PUT', '/Practitioner/bob', { resourceType: 'Practitioner', id: 'bob' });
  });
  afterAll(() => fhir.app.close());
  beforeEach(() => {
    told.length = 0;
    vetoed = undefined;
    fhir.access.denied.clear();
    fhir.access.narrowed = false;
  });

  it('writes all that it wants, through hooks, and answers what it says', async () => {
    const id = await admitted();
    told.length = 0;
    const { status, body } = await ask('POST', `/Encounter/${id}/$hand-over`, handOver('Practitioner/bob'));
    expect(status).toBe(200);
    const reference = String(body.parameter[0].valueReference.reference);
    expect((await ask('GET', `/${reference}`)).body).toMatchObject({
      owner: { reference: 'Practitioner/bob' },
      encounter: { reference: `Encounter/${id}` },
    });
    expect((await ask('GET', `/Encounter/${id}`)).body).toMatchObject({
      meta: { versionId: '2' },
      participant: [{ individual: { reference: 'Practitioner/bob' } }],
    });
    expect(new Set(told)).toEqual(
      new Set([
        'beforeUpdate Encounter',
        'beforeCreate Task',
        'inTransaction update Encounter',
        'inTransaction create Task',
      ]),
    );
  });

  it('keeps the digits of decimals that it left alone', async () => {
    const id = await admitted();
    await ask('POST', `/Encounter/${id}/$hand-over`, handOver('Practitioner/bob'));
    const answer = await fhir.app.inject({ url: `/fhir/r4/Encounter/${id}` });
    expect(answer.body).toContain('1.50');
  });

  it('stores nothing where one of its writes is refused', async () => {
    const id = await admitted();
    const before = await tasks();
    vetoed = 'Task';
    expect((await ask('POST', `/Encounter/${id}/$hand-over`, handOver('Practitioner/bob'))).status).toBe(500);
    vetoed = undefined;
    fhir.access.denied.add('create Task');
    const refused = await ask('POST', `/Encounter/${id}/$hand-over`, handOver('Practitioner/bob'));
    expect(refused.status).toBe(403);
    expect((await ask('GET', `/Encounter/${id}`)).body.meta.versionId).toBe('1');
    expect(await tasks()).toBe(before);
  });

  it('does not see what is out of reach', async () => {
    const id = await admitted();
    fhir.access.narrowed = true;
    const { status } = await ask('POST', `/Encounter/${id}/$hand-over`, handOver('Practitioner/bob'));
    expect(status).toBe(404);
    fhir.access.narrowed = false;
    expect((await ask('GET', `/Encounter/${id}`)).body.meta.versionId).toBe('1');
  });

  it('stands in a transaction, told the ids that the other entries get', async () => {
    const id = await admitted();
    const before = await tasks();
    const { status, body } = await ask('POST', '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          fullUrl: 'urn:uuid:7a1d9f1c-6a39-4f1c-9c8e-0a6f1d3f5b10',
          resource: { resourceType: 'Practitioner' },
          request: { method: 'POST', url: 'Practitioner' },
        },
        {
          resource: handOver('urn:uuid:7a1d9f1c-6a39-4f1c-9c8e-0a6f1d3f5b10'),
          request: { method: 'POST', url: `Encounter/${id}/$hand-over` },
        },
      ],
    });
    expect([status, body.entry?.length]).toEqual([200, 2]);
    const created = /Practitioner\/[^/]+/.exec(String(body.entry[0].response.location))?.[0];
    expect(body.entry[1].resource.resourceType).toBe('Parameters');
    expect((await ask('GET', `/Encounter/${id}`)).body.participant).toMatchObject([
      { individual: { reference: created } },
    ]);
    expect(await tasks()).toBe(before + 1);
  });

  it('takes the whole transaction back where it refuses, and names its entry', async () => {
    const id = await admitted({ status: 'finished' });
    const { status, body } = await ask('POST', '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          resource: { resourceType: 'Practitioner', id: `never-${id}` },
          request: { method: 'PUT', url: `Practitioner/never-${id}` },
        },
        {
          resource: handOver('Practitioner/bob'),
          request: { method: 'POST', url: `Encounter/${id}/$hand-over` },
        },
      ],
    });
    expect(status).toBe(409);
    expect(body.issue[0].expression).toEqual(['Bundle.entry[1]']);
    expect((await ask('GET', `/Practitioner/never-${id}`)).status).toBe(404);
  });

  it('is refused in a transaction whose other entries write what it is about', async () => {
    const id = await admitted();
    const { status, body } = await ask('POST', '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          resource: { resourceType: 'Encounter', id, status: 'finished', class: { code: 'IMP' } },
          request: { method: 'PUT', url: `Encounter/${id}` },
        },
        {
          resource: handOver('Practitioner/bob'),
          request: { method: 'POST', url: `Encounter/${id}/$hand-over` },
        },
      ],
    });
    expect([status, body.issue[0].code]).toEqual([400, 'duplicate']);
    expect((await ask('GET', `/Encounter/${id}`)).body.meta.versionId).toBe('1');
  });

  it('is done once under an Idempotency-Key', async () => {
    const id = await admitted();
    const key = { 'idempotency-key': `hand-over-${id}` };
    const first = await ask('POST', `/Encounter/${id}/$hand-over`, handOver('Practitioner/bob'), key);
    const again = await ask('POST', `/Encounter/${id}/$hand-over`, handOver('Practitioner/bob'), key);
    expect(again).toEqual(first);
    expect((await ask('GET', `/Encounter/${id}`)).body.meta.versionId).toBe('2');
  });

  it('holds to the version that If-Match names', async () => {
    const id = await admitted();
    const call = (version: number) =>
      ask('POST', `/Encounter/${id}/$hand-over`, handOver('Practitioner/bob'), {
        'if-match': `W/"${version}"`,
      });
    expect((await call(1)).status).toBe(200);
    expect((await call(1)).status).toBe(412);
    expect((await call(2)).status).toBe(200);
    expect((await ask('GET', `/Encounter/${id}`)).body.meta.versionId).toBe('3');
  });

  it('has one of two winners where both are called at once, and the other sees what it did', async () => {
    const id = await admitted();
    const both = await Promise.all(
      ['a', 'b'].map((name) => ask('POST', `/Encounter/${id}/$hand-over`, handOver(`Practitioner/${name}`))),
    );
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect((await ask('GET', `/Encounter/${id}`)).body.participant).toHaveLength(2);
  });
});

describe('the registry of operations', () => {
  const base = {
    name: 'x',
    definition: 'urn:x',
    affectsState: true,
    access: { system: ['create'] },
  } as const;
  const unit = () => ({ targets: [], decide: () => ({ writes: [] }) });
  const execute = () => Promise.resolve({ status: 200 as const });

  it.each([
    ['neither executes nor plans', base],
    ['does both', { ...base, execute, plan: unit }],
    ['plans to write and says that it changes nothing', { ...base, affectsState: false, plan: unit }],
  ])('refuses one that %s', (_what, operation) => {
    expect(() => {
      new FhirOperations().add(operation);
    }).toThrow(expect.objectContaining({ code: 'FHIR_OPERATION_INVALID' }));
  });
});
