import { randomUUID } from 'node:crypto';
import { RolesService, UsersService } from '../../../src/users/index.js';
import { sqlite } from '../../kit/databases.js';
import type { HttpAnswer } from '../../kit/http.js';
import { bearer, bearerPath, referenceOf, World } from './application.js';

const json = 'application/fhir+json';
const full = 'return=representation';

type Headers = Readonly<Record<string, string>>;
type Send = (key: string, token: string, headers?: Headers) => Promise<HttpAnswer>;

/** By whom and for whom, whatever was stored: an Idempotency-Key is no way to more than may be read today. */
describe('answers that are given again under an Idempotency-Key', () => {
  let world: World;

  beforeAll(async () => {
    world = await World.start(await sqlite.create(), { logLevel: 'silent' });
    await world.get(RolesService).create({ name: 'ward', rules: [] });
    await world.get(UsersService).create({
      ...{ username: 'nora', password: 'a long passphrase', roles: ['ward'], fhirUser: 'Practitioner/nora' },
    });
    for (const id of ['a', 'b']) {
      const loader = await world.token({ clientId: 'loader' }, bearerPath);
      const patient = { resourceType: 'Patient', id };
      expect((await send('PUT', `Patient/${id}`, patient, loader)).statusCode).toBe(201);
    }
  });
  afterAll(() => world.close());
  beforeEach(() => wardMay('cruds'));

  const send = (
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    body: unknown,
    token: string,
    headers: Headers = {},
  ): Promise<HttpAnswer> =>
    world.call({
      ...{ method, url: url === '' ? bearerPath : `${bearerPath}/${url}` },
      headers: { ...(body === undefined ? {} : { 'content-type': json }), ...headers, ...bearer(token) },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
  const wardMay = (interactions: string, criteria?: string) =>
    world.get(RolesService).update('ward', {
      rules: [
        { types: ['Observation'], interactions, ...(criteria === undefined ? {} : { criteria }) },
        { types: ['Patient'], interactions: 'rs' },
      ],
    });
  const noras = (scope = 'user/*.cruds') => world.token({ username: 'nora', scope }, bearerPath);
  const alices = (scope: string, patient?: string) =>
    world.token({ username: 'alice', scope, ...(patient === undefined ? {} : { patient }) }, bearerPath);
  const observation = (key: string): object => ({
    ...{ resourceType: 'Observation', status: 'final', code: { text: 'Weight' } },
    ...{ subject: { reference: 'Patient/a' }, identifier: [{ system: 'urn:key', value: key }] },
  });
  const bundleOf = (type: string, key: string): object => ({
    ...{ resourceType: 'Bundle', type },
    entry: [{ resource: observation(key), request: { method: 'POST', url: 'Observation' } }],
  });
  const count = async (key: string): Promise<number> => {
    const token = await world.token({ clientId: 'loader' }, bearerPath);
    const url = `Observation?identifier=urn:key|${key}&_summary=count`;
    return (await send('GET', url, undefined, token)).json<{ total: number }>().total;
  };
  const idOf = async (key: string): Promise<string> => {
    const token = await world.token({ clientId: 'loader' }, bearerPath);
    const found = await send('GET', `Observation?identifier=urn:key|${key}`, undefined, token);
    return found.json<{ entry: { resource: { id: string } }[] }>().entry[0]!.resource.id;
  };

  const ways: readonly (readonly [string, Send])[] = [
    [
      'a create',
      (key, token, headers) =>
        send('POST', 'Observation', observation(key), token, { 'idempotency-key': key, ...headers }),
    ],
    [
      'a transaction',
      (key, token, headers) =>
        send('POST', '', bundleOf('transaction', key), token, {
          ...{ 'idempotency-key': key, prefer: full },
          ...headers,
        }),
    ],
    [
      'a batch',
      (key, token, headers) =>
        send('POST', '', bundleOf('batch', key), token, { 'idempotency-key': key, prefer: full, ...headers }),
    ],
  ];

  /** The status of the answer or, of a batch, of its entry. */
  const statusOf = ({ statusCode, body }: HttpAnswer): number =>
    Number(/"status":"(\d{3})/.exec(body)?.[1] ?? statusCode);

  describe.each(ways)('%s', (_name, ask) => {
    it('is answered again with what was stored, and done once', async () => {
      const key = randomUUID();
      const first = await ask(key, await noras());
      const again = await ask(key, await noras());
      expect([statusOf(first), again.body]).toEqual([201, first.body]);
      expect(await count(key)).toBe(1);
    });

    it.each([
      [
        'another patient in context',
        () => alices('patient/*.cruds', 'a'),
        () => alices('patient/*.cruds', 'b'),
      ],
      ['no patient in context', () => alices('patient/*.cruds', 'a'), () => alices('user/*.cruds')],
      ['other scopes', () => noras(), () => noras('user/Observation.cruds')],
      [
        'other roles',
        () => noras(),
        async () => {
          await world.get(UsersService).update('nora', { roles: ['ward', 'auditor'] });
          return noras();
        },
      ],
    ])('is refused to a token with %s, and not done again', async (_text, first, other) => {
      const key = randomUUID();
      expect(statusOf(await ask(key, await first()))).toBe(201);
      const id = await idOf(key);
      const answer = await ask(key, await other());
      await world.get(UsersService).update('nora', { roles: ['ward'] });
      expect([statusOf(answer), answer.body]).toEqual([
        403,
        expect.stringContaining('FHIR_IDEMPOTENCY_KEY_FOREIGN'),
      ]);
      expect(answer.body + String(answer.headers.location)).not.toContain(id);
      expect(await count(key)).toBe(1);
      expect((await world.explain(answer)).expected).toContain('with which the key was used first');
    });

    it('is refused where today’s rights don’t reach what was stored', async () => {
      const key = randomUUID();
      const token = await noras();
      expect(statusOf(await ask(key, token))).toBe(201);
      const id = await idOf(key);
      await wardMay('cruds', 'status=preliminary');
      const answer = await ask(key, token);
      expect([statusOf(answer), answer.body]).toEqual([
        403,
        expect.stringContaining('FHIR_IDEMPOTENCY_OUTSIDE'),
      ]);
      expect(answer.body + String(answer.headers.location)).not.toContain(id);
      expect(referenceOf(answer)).toMatch(/^[a-z2-9]+$/);
      expect(await count(key)).toBe(1);
    });

    it('shows no resource to whom it may not be read any more', async () => {
      const key = randomUUID();
      const token = await noras();
      expect((await ask(key, token)).body).toContain('"resourceType":"Observation"');
      await wardMay('cu');
      const answer = await ask(key, token);
      expect(statusOf(answer)).toBe(201);
      expect(answer.body + String(answer.headers.location)).toContain(await idOf(key));
      expect(answer.body).not.toContain('"resourceType":"Observation"');
    });

    it('shows what Prefer asks for this time', async () => {
      const key = randomUUID();
      const token = await noras();
      const shown = (answer: HttpAnswer) => answer.body.includes('"resourceType":"Observation"');
      expect(shown(await ask(key, token, { prefer: 'return=minimal' }))).toBe(false);
      expect(shown(await ask(key, token, { prefer: full }))).toBe(true);
      expect(shown(await ask(key, token, { prefer: 'return=minimal' }))).toBe(false);
      const outcome = await ask(key, token, { prefer: 'return=OperationOutcome' });
      expect([shown(outcome), outcome.body]).toEqual([false, expect.stringContaining('OperationOutcome')]);
      expect(await count(key)).toBe(1);
    });

    it('shows the version that it made, whatever has become of the resource', async () => {
      const key = randomUUID();
      const token = await noras();
      const first = await ask(key, token);
      const id = await idOf(key);
      await send('PUT', `Observation/${id}`, { ...observation(key), id, status: 'amended' }, token);
      expect((await ask(key, token)).body).toBe(first.body);
      expect((await send('DELETE', `Observation/${id}`, undefined, token)).statusCode).toBe(204);
      expect((await ask(key, token)).body).toBe(first.body);
    });
  });

  it.each([
    ['alone', false],
    ['in a batch', true],
  ])(
    '$meta-add %s shows the labels again, and nothing to whom it may not be read',
    async (_text, isEntry) => {
      const key = randomUUID();
      const token = await noras();
      const created = await send('POST', 'Observation', observation(key), token);
      const { id } = created.json<{ id: string }>();
      const resource = {
        resourceType: 'Parameters',
        parameter: [{ name: 'meta', valueMeta: { tag: [{ system: 'urn:label', code: 'blue' }] } }],
      };
      const url = `Observation/${id}/$meta-add`;
      const entry = [{ resource, request: { method: 'POST', url } }];
      const ask = () =>
        isEntry
          ? send('POST', '', { resourceType: 'Bundle', type: 'batch', entry }, token, {
              'idempotency-key': key,
            })
          : send('POST', url, resource, token, { 'idempotency-key': key });
      expect((await ask()).body).toContain('"code":"blue"');
      expect((await ask()).body).toContain('"code":"blue"');
      await wardMay('cruds', 'status=preliminary');
      const refused = await ask();
      expect([statusOf(refused), refused.body.includes('blue')]).toEqual([403, false]);
    },
  );

  it('a deletion is refused where what was deleted is out of reach', async () => {
    const key = randomUUID();
    const token = await noras();
    await send('POST', 'Observation', observation(key), token);
    const url = `Observation/${await idOf(key)}`;
    const ask = () => send('DELETE', url, undefined, token, { 'idempotency-key': key });
    expect([(await ask()).statusCode, (await ask()).statusCode]).toEqual([204, 204]);
    await wardMay('cruds', 'status=preliminary');
    expect((await ask()).body).toContain('FHIR_IDEMPOTENCY_OUTSIDE');
  });
});
