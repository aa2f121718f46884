import type { InjectOptions } from 'light-my-request';
import { supportedInteractions } from '../../../src/fhir/capability/supported-interactions.js';
import { FhirOperations } from '../../../src/fhir/operations/fhir-operations.js';
import { Passage } from '../../../src/fhir/passage/passage.js';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

const json = 'application/fhir+json';
const read = ['hooks read', 'journal read', 'access opened'];
const written = ['hooks commit', 'journal commit', 'lookups commit', 'receipts commit', 'access opened'];
/** Reads or writes nothing of the repository. */
const nothing: readonly string[] = [];
/** Resources of the server itself, which has no rights to ask: definitions, code systems, jobs. */
const ofTheServer = nothing;

const patient = (more: object = {}): object => ({ resourceType: 'Patient', ...more });
const bundle = (type: string, ...entry: readonly object[]): object => ({
  resourceType: 'Bundle',
  type,
  entry,
});
const meta = {
  resourceType: 'Parameters',
  parameter: [{ name: 'meta', valueMeta: { tag: [{ system: 'urn:t', code: 'a' }] } }],
};
const composition = {
  resourceType: 'Composition',
  id: 'document',
  status: 'final',
  type: { text: 'Letter' },
  subject: { reference: 'Patient/one' },
  date: '2026-01-01',
  author: [{ reference: 'Practitioner/one' }],
  title: 'Letter',
};

type Sent = readonly [method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: object];

/** A request for each route of an interaction, and the stages that it passes. */
const interactions: Readonly<Record<string, readonly [sent: Sent, passed: readonly string[]]>> = {
  'GET /:type/:id': [['GET', '/Patient/one'], read],
  'GET /:type/:id/_history/:vid': [['GET', '/Patient/one/_history/1'], read],
  'PUT /:type/:id': [['PUT', '/Patient/one', patient({ id: 'one', active: false })], written],
  'PUT /:type': [['PUT', '/Patient?identifier=x', patient({ active: true })], written],
  'PATCH /:type/:id': [['PATCH', '/Patient/one', [{ op: 'add', path: '/active', value: true }]], written],
  'PATCH /:type': [['PATCH', '/Patient?_id=one', [{ op: 'add', path: '/active', value: false }]], written],
  'DELETE /:type/:id': [['DELETE', '/Patient/none'], written],
  'DELETE /:type': [['DELETE', '/Patient?identifier=none'], written],
  'GET /:type/:id/_history': [['GET', '/Patient/one/_history'], read],
  'GET /:type/_history': [['GET', '/Patient/_history'], read],
  'GET /_history': [['GET', '/_history'], read],
  'POST /:type': [['POST', '/Patient', patient()], written],
  'GET /:type': [['GET', '/Patient?gender=male'], read],
  'POST /:type/_search': [['POST', '/Patient/_search'], read],
  'GET /:type/:id/:member': [['GET', '/Patient/one/Observation'], read],
  'POST /:type/:id/:member/_search': [['POST', '/Patient/one/Observation/_search'], read],
  'GET /': [['GET', '/?_type=Patient'], read],
  'POST /_search': [['POST', '/_search?_type=Patient'], read],
  'GET /metadata': [['GET', '/metadata'], nothing],
};

/** Both kinds of Bundle have one route. */
const bundles: readonly (readonly [name: string, sent: Sent, passed: readonly string[]])[] = [
  [
    'a transaction that writes and reads',
    [
      'POST',
      '/',
      bundle(
        'transaction',
        { resource: patient(), request: { method: 'POST', url: 'Patient' } },
        { request: { method: 'GET', url: 'Patient/one' } },
      ),
    ],
    [...written, ...read],
  ],
  [
    'a batch that reads and writes',
    [
      'POST',
      '/',
      bundle(
        'batch',
        { request: { method: 'GET', url: 'Patient/one' } },
        { resource: patient(), request: { method: 'POST', url: 'Patient' } },
      ),
    ],
    [...read, ...written],
  ],
];

/** Calls of every operation. */
const operations: Readonly<Record<string, readonly [sent: Sent, passed: readonly string[]]>> = {
  validate: [['GET', '/Patient/one/$validate'], read],
  meta: [['GET', '/Patient/one/$meta'], read],
  'meta-add': [['POST', '/Patient/one/$meta-add', meta], written],
  'meta-delete': [['POST', '/Patient/one/$meta-delete', meta], written],
  reindex: [['GET', '/$reindex'], ofTheServer],
  everything: [['GET', '/Patient/one/$everything'], read],
  lastn: [['GET', '/Observation/$lastn?patient=one&category=x'], read],
  document: [['GET', '/Composition/document/$document'], read],
};

describe.each(databases)('the passage on $name', (database) => {
  let fhir: FhirApplication;
  let passed: string[] = [];

  const ask = async ([method, path, body]: Sent): Promise<number> => {
    const type = method === 'PATCH' ? 'application/json-patch+json' : json;
    const options: InjectOptions = { method, url: `/fhir/r4${path}` };
    if (body !== undefined) {
      options.headers = { 'content-type': type };
      options.payload = JSON.stringify(body);
    }
    const answer = await fhir.app.inject(options);
    return answer.statusCode;
  };

  beforeAll(async () => {
    fhir = await fhirApplication(database);
    fhir.access.principal = { ...fhir.access.principal, roles: ['practitioner', 'admin'] };
    for (const resource of [
      patient({ id: 'one' }),
      { resourceType: 'Practitioner', id: 'one' },
      composition,
    ] as { resourceType: string; id: string }[]) {
      expect(await ask(['PUT', `/${resource.resourceType}/${resource.id}`, resource])).toBe(201);
    }
    const passage = fhir.app.get(Passage, { strict: false });
    for (const stage of passage.stages) {
      for (const way of ['read', 'commit'] as const) {
        const original = stage[way] as ((...parts: unknown[]) => unknown) | undefined;
        if (original === undefined) continue;
        (stage as Record<typeof way, unknown>)[way] = (...parts: unknown[]) => {
          passed.push(`${stage.name} ${way}`);
          return original.apply(stage, parts);
        };
      }
    }
    const { access } = passage;
    const open = access.open.bind(access);
    access.open = (context) => {
      passed.push('access opened');
      return open(context);
    };
  });
  afterAll(() => fhir.app.close());
  beforeEach(() => (passed = []));

  /** In the order of the stages: `access` is opened first and asked last. */
  const once = (): readonly string[] => [...new Set(passed)].sort();

  it('has every interaction in this test', () => {
    const routes = supportedInteractions
      .map(({ method, path }) => `${method} ${path}`)
      .filter((route) => route !== 'POST /');
    expect(Object.keys(interactions).sort()).toEqual([...new Set(routes)].sort());
  });

  it('has every operation in this test', () => {
    const names = fhir.app
      .get(FhirOperations, { strict: false })
      .all()
      .map(({ name }) => name);
    expect([...new Set(names)].sort()).toEqual(Object.keys(operations).sort());
  });

  it('has its stages in the order of its table', () => {
    const { stages, access } = fhir.app.get(Passage, { strict: false });
    expect([...stages, access].map(({ name }) => name)).toEqual([
      'hooks',
      'journal',
      'lookups',
      'receipts',
      'access',
    ]);
  });

  it.each(Object.entries(interactions))('%s passes its stages', async (_route, [sent, stages]) => {
    expect(await ask(sent)).toBeLessThan(300);
    expect(once()).toEqual([...stages].sort());
  });

  it.each(bundles)('%s passes its stages', async (_name, sent, stages) => {
    expect(await ask(sent)).toBe(200);
    expect(once()).toEqual([...new Set(stages)].sort());
  });

  it.each(Object.entries(operations))('$%s passes its stages', async (_name, [sent, stages]) => {
    expect(await ask(sent)).toBeLessThan(300);
    expect(once()).toEqual([...stages].sort());
  });

  it('passes no stage where the policy refuses', async () => {
    fhir.access.denied.add('read *');
    expect(await ask(['GET', '/Patient/one'])).toBe(403);
    fhir.access.denied.clear();
    expect(passed).toEqual([]);
  });
});
