import { Module } from '@nestjs/common';
import { FirekeepError } from '../../../src/platform/errors/index.js';
import { FhirExtensionModule, FhirHooks, type HookSet } from '../../../src/fhir/index.js';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

const json = 'application/fhir+json';
const tagged = { system: 'http://example.org/tags', code: 'seen' };

/** What the hooks of the test are told, and how they behave; a test may change it. */
const told: { seen: string[]; hooks: Partial<HookSet> } = { seen: [], hooks: {} };

const points = [
  'beforeCreate',
  'beforeUpdate',
  'beforeDelete',
  'beforeRead',
  'beforeSearch',
  'inTransaction',
  'afterCreate',
  'afterUpdate',
  'afterDelete',
  'afterRead',
  'afterSearch',
] as const;

type AnyHook = (argument: { readonly type: string | null }, context: object) => unknown;

/** Hooks at every point, which do what the test wants. */
@Module({ imports: [FhirExtensionModule] })
class TestModule {
  constructor(hooks: FhirHooks) {
    const forwarding = points.map((point): [string, AnyHook] => [
      point,
      (argument, context) => {
        told.seen.push(`${point} ${argument.type ?? '*'}`);
        return (told.hooks[point] as AnyHook | undefined)?.(argument, context);
      },
    ]);
    hooks.register({ name: 'Test', resourceTypes: ['Patient'], ...Object.fromEntries(forwarding) });
  }
}

function veto(): never {
  throw new FirekeepError('unprocessable', 'TEST_VETO', 'Not here.');
}

describe.each(databases)('hooks on $name', (database) => {
  let fhir: FhirApplication;

  beforeAll(async () => {
    fhir = await fhirApplication(database, { FIREKEEP_HOOK_TIMEOUT: '1', FIREKEEP_LOG_LEVEL: 'silent' }, [
      TestModule,
    ]);
  });
  afterAll(() => fhir.app.close());
  beforeEach(() => {
    told.seen = [];
    told.hooks = {};
  });

  async function send(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    type = json,
  ) {
    const answer = await fhir.app.inject({
      method,
      url: `/fhir/r4${path}`,
      headers: { prefer: 'return=representation', ...(body === undefined ? {} : { 'content-type': type }) },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return {
      status: answer.statusCode,
      text: answer.body,
      body: answer.body === '' ? undefined : answer.json(),
    };
  }

  const patient = (more: object = {}) => ({ resourceType: 'Patient', ...more });
  const put = (id: string, more: object = {}) => send('PUT', `/Patient/${id}`, patient({ id, ...more }));
  const codeOf = (answer: Awaited<ReturnType<typeof send>>): string =>
    answer.body.issue[0].details.coding[0].code;
  const transaction = (...entry: object[]) =>
    send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
  const entry = (method: string, url: string, resource?: object) => ({ request: { method, url }, resource });

  it('calls them in order, by what the request is before, and by what happened behind', async () => {
    await put('order');
    await put('order', { active: true });
    await send('GET', '/Patient/order');
    await send('GET', '/Patient?_id=order');
    await send('DELETE', '/Patient/order');
    await put('order');
    // The first use of a name makes the store try again, and with it the hook inside the transaction.
    expect(told.seen.filter((one, index, all) => one !== all[index - 1])).toEqual(
      [
        ['beforeUpdate', 'inTransaction', 'afterCreate'],
        ['beforeUpdate', 'inTransaction', 'afterUpdate'],
        ['beforeRead', 'afterRead'],
        ['beforeSearch', 'afterSearch'],
        ['beforeDelete', 'inTransaction', 'afterDelete'],
        ['beforeUpdate', 'inTransaction', 'afterCreate'],
      ].flatMap((points) => points.map((point) => `${point} Patient`)),
    );
  });

  it('calls none for other types, none behind what was not written, and none for a body that is refused', async () => {
    await send('POST', '/Observation', { resourceType: 'Observation', status: 'final', code: { text: 'x' } });
    await send('POST', '/Patient', patient({ birthDate: 'yesterday' }));
    expect(told.seen).toEqual([]);
    await put('same');
    told.seen = [];
    await put('same');
    expect(told.seen).toEqual(['beforeUpdate Patient']);
  });

  it('calls them for histories, those of the system too, since they hold every type', async () => {
    await put('told');
    told.hooks = { beforeRead: veto };
    for (const path of [
      '/Patient/told/_history',
      '/Patient/told/_history/1',
      '/Patient/_history',
      '/_history',
    ]) {
      expect(await send('GET', path)).toMatchObject({ status: 422 });
    }
  });

  it('refuses with the answer of a veto, and writes nothing', async () => {
    await put('vetoed');
    for (const point of ['beforeCreate', 'beforeUpdate', 'beforeDelete', 'inTransaction'] as const) {
      told.hooks = { [point]: veto };
      const answers =
        point === 'beforeCreate'
          ? [await send('POST', '/Patient', patient({ active: false }))]
          : point === 'beforeDelete'
            ? [await send('DELETE', '/Patient/vetoed'), await send('DELETE', '/Patient?_id=vetoed')]
            : [
                await put('vetoed', { active: false }),
                await send('PUT', '/Patient?_id=vetoed', patient({ active: false })),
                await send(
                  'PATCH',
                  '/Patient/vetoed',
                  [{ op: 'add', path: '/active', value: false }],
                  'application/json-patch+json',
                ),
              ];
      for (const answer of answers) {
        expect(answer).toMatchObject({ status: 422 });
        expect(codeOf(answer)).toBe('TEST_VETO');
      }
    }
    told.hooks = {};
    expect((await send('GET', '/Patient?active=false')).body.entry).toBeUndefined();
    expect((await send('GET', '/Patient/vetoed')).body.meta.versionId).toBe('1');
  });

  it('holds for entries: a veto fails an entry of a batch, and a transaction as a whole', async () => {
    told.hooks = {
      beforeCreate: ({ resource }) => (resource.gender === 'other' ? veto() : undefined),
      beforeUpdate: ({ resource }) => (resource.gender === 'other' ? veto() : undefined),
      beforeDelete: veto,
    };
    await put('entry');
    const writes = [
      entry('POST', 'Patient', patient({ gender: 'other' })),
      entry('PUT', 'Patient/entry', patient({ id: 'entry', gender: 'other' })),
      entry('PUT', 'Patient?_id=entry', patient({ gender: 'other' })),
      entry('DELETE', 'Patient/entry'),
      entry('DELETE', 'Patient?_id=entry'),
      entry('PATCH', 'Patient/entry', {
        resourceType: 'Binary',
        contentType: 'application/json-patch+json',
        data: Buffer.from('[{"op":"add","path":"/gender","value":"other"}]').toString('base64'),
      }),
    ];
    for (const write of writes) {
      const whole = await transaction(entry('POST', 'Patient', patient({ language: 'tlh' })), write);
      expect(whole).toMatchObject({ status: 422 });
      expect(whole.body.issue[0].expression).toEqual([expect.stringMatching(/^Bundle\.entry\[1\]/)]);
    }
    expect((await send('GET', '/Patient?language=tlh')).body.entry).toBeUndefined();
    const batch = await send('POST', '', {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [...writes, entry('POST', 'Patient', patient({ language: 'tlh' }))],
    });
    expect(
      batch.body.entry.map((one: { response: { status: string } }) => one.response.status.slice(0, 3)),
    ).toEqual([...writes.map(() => '422'), '201']);
  });

  it('writes what a hook makes of a body, and keeps the decimals of all the rest', async () => {
    told.hooks = {
      beforeCreate: ({ resource }) => ({ ...resource, meta: { tag: [tagged] } }),
      beforeUpdate: ({ resource }) => structuredClone({ ...resource, meta: { tag: [tagged] } }),
    };
    const extension =
      '[{"url":"http://example.org/x","valueDecimal":1.500},{"url":"http://example.org/y","valueDecimal":2.0}]';
    const text = `{"resourceType":"Patient","extension":${extension}}`;
    const created = await send('POST', '/Patient', text);
    expect(created).toMatchObject({ status: 201, body: { meta: { tag: [tagged] } } });
    expect(created.text).toContain(extension);
    const { id } = created.body;
    const updated = await send('PUT', `/Patient/${id}`, text.replace('{', `{"id":"${id}","active":true,`));
    expect(updated).toMatchObject({ status: 200, body: { active: true, meta: { tag: [tagged] } } });
    expect(updated.text).toContain(extension);
    expect((await send('GET', '/Patient?_tag=http://example.org/tags|seen')).body.entry).toHaveLength(1);
    await send('DELETE', `/Patient/${id}`);
  });

  it('shows what a patch makes of a resource, and writes what a hook makes of that', async () => {
    await put('patched', { gender: 'male' });
    const shown: unknown[] = [];
    told.hooks = {
      beforeUpdate: ({ resource, id }) => {
        shown.push([id, resource.active]);
        return { ...resource, language: 'eo' };
      },
    };
    const patch = [{ op: 'add', path: '/active', value: true }];
    const answer = await send('PATCH', '/Patient/patched', patch, 'application/json-patch+json');
    expect(answer).toMatchObject({ status: 200, body: { active: true, gender: 'male', language: 'eo' } });
    expect(shown).toEqual([['patched', true]]);
  });

  it('shows a patch again where the resource has changed in between', async () => {
    await put('raced');
    let others = 0;
    told.hooks = {
      beforeUpdate: async ({ resource }) => {
        if (resource.active !== true || others > 0) return undefined;
        others++;
        await put('raced', { gender: 'female' });
        return undefined;
      },
    };
    const patch = [{ op: 'add', path: '/active', value: true }];
    const answer = await send('PATCH', '/Patient/raced', patch, 'application/json-patch+json');
    expect(answer).toMatchObject({ status: 200, body: { active: true, gender: 'female' } });
  });

  it('answers a repeated transaction with a patch in it from its receipt', async () => {
    await put('repeated');
    const bundle = JSON.stringify({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        entry('PATCH', 'Patient/repeated', {
          resourceType: 'Binary',
          contentType: 'application/json-patch+json',
          data: Buffer.from('[{"op":"add","path":"/active","value":true}]').toString('base64'),
        }),
      ],
    });
    const post = () =>
      fhir.app.inject({
        method: 'POST',
        url: '/fhir/r4',
        headers: { 'content-type': json, 'idempotency-key': 'a-key-of-this-test' },
        payload: bundle,
      });
    const first = await post();
    const second = await post();
    expect(first.statusCode).toBe(200);
    expect(second.json().entry).toEqual(first.json().entry);
    expect((await send('GET', '/Patient/repeated')).body.meta.versionId).toBe('2');
  });

  it('gives a hook inside the transaction what is stored and what will be, and nothing to change', async () => {
    await put('inside', { active: true });
    const pairs: unknown[] = [];
    told.hooks = {
      inTransaction: ({ kind, version, previous, resource }) => {
        pairs.push([kind, version, previous?.active, resource?.active, Object.isFrozen(resource)]);
      },
    };
    await transaction(
      entry('PUT', 'Patient/inside', patient({ id: 'inside', active: false })),
      entry('DELETE', 'Patient/nowhere'),
    );
    expect(pairs.at(-1)).toEqual(['update', 2, true, false, true]);
  });

  it.each<[string, Partial<HookSet>]>([
    ['throws', { beforeCreate: () => JSON.parse('{') as never }],
    [
      'changes what it was given',
      { beforeCreate: ({ resource }) => void Object.assign(resource, { active: true }) },
    ],
    ['returns another type', { beforeCreate: () => ({ resourceType: 'Basic' }) }],
    ['returns what is invalid', { beforeCreate: ({ resource }) => ({ ...resource, birthDate: 'soon' }) }],
    ['returns what is no JSON', { beforeCreate: ({ resource }) => ({ ...resource, active: () => true }) }],
    ['waits inside the transaction', { inTransaction: (): unknown => Promise.resolve() }],
    ['fails inside the transaction', { inTransaction: () => JSON.parse('{') as never }],
  ])('answers 500 and writes nothing where a hook %s', async (_what, hooks) => {
    told.hooks = hooks;
    const answer = await send('POST', '/Patient', patient({ language: 'vo' }));
    expect(answer).toMatchObject({ status: 500 });
    expect(codeOf(answer)).toBe('FHIR_HOOK_FAILED');
    told.hooks = {};
    expect((await send('GET', '/Patient?language=vo')).body.entry).toBeUndefined();
  });

  it('answers 503 where a hook does not come to an end, and tells the hook', async () => {
    let aborted = false;
    told.hooks = {
      beforeCreate: (_write, { signal }) =>
        new Promise(() => signal.addEventListener('abort', () => (aborted = true))),
    };
    const answer = await send('POST', '/Patient', patient());
    expect(answer).toMatchObject({ status: 503 });
    expect(codeOf(answer)).toBe('FHIR_HOOK_TIMEOUT');
    expect(aborted).toBe(true);
  });

  it('lets nothing that happens behind the commit change the answer', async () => {
    told.hooks = {
      afterCreate: veto,
      afterUpdate: () => new Promise(() => undefined),
      afterSearch: veto,
      afterRead: veto,
    };
    expect(await put('behind')).toMatchObject({ status: 201 });
    expect(await put('behind', { active: true })).toMatchObject({ status: 200 });
    expect(await send('GET', '/Patient/behind')).toMatchObject({ status: 200 });
    expect(await send('GET', '/Patient?_id=behind')).toMatchObject({ status: 200 });
  });

  it('tells who asks, through which endpoint', async () => {
    const contexts: unknown[] = [];
    told.hooks = {
      beforeRead: (_request, { endpoint, principal }) =>
        void contexts.push([endpoint.path, principal.subject]),
    };
    await send('GET', '/Patient/none');
    expect(contexts).toEqual([['/fhir/r4', 'alice']]);
  });
});
