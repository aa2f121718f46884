import { databases } from '../../kit/databases.js';
import type { HttpAnswer } from '../../kit/http.js';
import { bundleOf, entryStatuses, fhirPathPatch, of, WritingWorld, type Sent } from './writing-world.js';

const secret = 'a-secret-value';
const observation = (id: string, category: string, more: object = {}) => ({
  ...{ resourceType: 'Observation', id, status: 'final', code: { text: 'x' }, subject: of('1') },
  ...{ category: [{ coding: [{ code: category }] }], valueString: secret },
  ...more,
});
const metaParameters = {
  resourceType: 'Parameters',
  parameter: [{ name: 'meta', valueMeta: { tag: [{ system: 'urn:t', code: 'x' }] } }],
};

/** Patches whose outcome tells of what is stored, in pairs of which one would succeed on the stored resource or fail otherwise. */
const patches: readonly object[] = [
  [{ op: 'test', path: '/valueString', value: secret }],
  [{ op: 'test', path: '/valueString', value: 'another' }],
  [{ op: 'copy', from: '/valueString', path: '/status' }],
  [{ op: 'copy', from: '/valueString', path: '/effectiveDateTime' }],
  [{ op: 'move', from: '/valueString', path: '/issued' }],
  [{ op: 'remove', path: '/valueString' }],
  [{ op: 'remove', path: '/valueInteger' }],
  [{ op: 'replace', path: '/category/0/coding/0/display', value: 'x' }],
  [{ op: 'add', path: '/note/5', value: {} }],
  fhirPathPatch('Observation.valueString', { valueString: 'x' }),
  fhirPathPatch(`Observation.where(valueString='${secret}').valueString`, { valueString: 'x' }),
  fhirPathPatch('Observation.note', { valueString: 'x' }),
];

/** docs/access.md, who may write and not read. */
describe.each(databases)('of what may be written and not read, on $name', ({ create }) => {
  let world: WritingWorld;

  beforeAll(async () => {
    world = await WritingWorld.start(await create());
    await world.store(
      observation('hidden', 'laboratory', { meta: { tag: [{ system: 'urn:t', code: 'hidden' }] } }),
    );
    await world.store(
      observation('shown', 'vital-signs', {
        meta: { tag: [{ system: 'urn:t', code: 'shown' }], profile: ['urn:p:shown'] },
      }),
    );
    await world.store({
      ...{ resourceType: 'Observation', id: 'of-2', status: 'final', code: { text: 'x' }, subject: of('2') },
      meta: { security: [{ system: 'urn:s', code: 'of-2' }], profile: ['urn:p:of-2'] },
    });
    await world.store({
      ...{ resourceType: 'Patient', id: '2', meta: { tag: [{ system: 'urn:t', code: 'patient-2' }] } },
    });
  });
  afterAll(() => world.close());

  const token = (scope: string, patient?: string) =>
    world.world.token(
      { username: 'alice', scope, ...(patient === undefined ? {} : { patient }) },
      '/fhir/r4',
    );
  /** What an answer says, but for what differs from request to request. */
  const said = ({ statusCode, body, headers }: HttpAnswer): unknown => [
    statusCode,
    body.replace(/Reference [a-z2-9]+/g, 'Reference'),
    headers.etag,
    headers.location,
  ];

  async function saySame(who: string, requests: readonly Sent[], status: number): Promise<void> {
    const answers: HttpAnswer[] = [];
    for (const request of requests) answers.push(await world.as(who, request));
    for (const answer of answers) {
      expect(said(answer)).toEqual(said(answers[0]!));
      expect([answer.statusCode, answer.body.includes(secret)]).toEqual([status, false]);
    }
    expect(await world.stored('Observation/hidden')).toMatchObject({ meta: { versionId: '1' } });
  }

  const waysOf = (url: string): Record<string, (body: object) => Sent> => ({
    'by id': (body) => ({ method: 'PATCH', url, body }),
    'by id, with If-Match': (body) => ({ method: 'PATCH', url, body, headers: { 'if-match': 'W/"7"' } }),
    'with the body asked for': (body) => ({
      ...{ method: 'PATCH', url, body },
      headers: { prefer: 'return=representation' },
    }),
  });

  describe.each(Object.keys(waysOf('')))('a patch %s', (way) => {
    const ways = waysOf('Observation/hidden');

    it('tells nothing to who may update alone', async () => {
      const who = await token('user/Observation.cud');
      await saySame(
        who,
        patches.map((body) => ways[way]!(body)),
        403,
      );
    });

    it('tells nothing to who may read others', async () => {
      const who = await token('user/Observation.cud user/Observation.rs?category=vital-signs');
      await saySame(
        who,
        patches.map((body) => ways[way]!(body)),
        403,
      );
    });

    it('tells nothing to who may delete it and not update it', async () => {
      const who = await token('user/Observation.d user/Observation.rus?category=vital-signs');
      await saySame(
        who,
        patches.map((body) => ways[way]!(body)),
        404,
      );
    });
  });

  it('a patch in a Bundle tells nothing', async () => {
    const who = await token('user/Observation.cud user/Observation.rs?category=vital-signs');
    const entries = patches.map((patch) => ({
      request: { method: 'PATCH', url: 'Observation/hidden' },
      resource: Array.isArray(patch)
        ? {
            ...{ resourceType: 'Binary', contentType: 'application/json-patch+json' },
            data: Buffer.from(JSON.stringify(patch)).toString('base64'),
          }
        : patch,
    }));
    await saySame(
      who,
      entries.map((entry) => bundleOf('transaction', [entry])),
      403,
    );
    const batch = await world.as(who, bundleOf('batch', entries));
    expect(entryStatuses(batch)).toEqual(entries.map(() => 403));
    expect(batch.body).not.toContain(secret);
  });

  it('labels are not changed blindly', async () => {
    const who = await token('user/Observation.cud user/Observation.rs?category=vital-signs');
    for (const name of ['$meta-add', '$meta-delete']) {
      const answer = await world.as(who, {
        method: 'POST',
        url: `Observation/hidden/${name}`,
        body: metaParameters,
      });
      expect([answer.statusCode, answer.body.includes('urn:t')]).toEqual([403, false]);
    }
  });

  it('what is read of an instance is not there', async () => {
    const who = await token('user/Observation.cud user/Observation.rs?category=vital-signs');
    for (const id of ['hidden', 'nobody']) {
      const url = `Observation/${id}`;
      const statuses = [
        await world.as(who, { method: 'GET', url }),
        await world.as(who, { method: 'GET', url, headers: { 'if-none-match': 'W/"1"' } }),
        await world.as(who, {
          method: 'GET',
          url,
          headers: { 'if-modified-since': new Date().toUTCString() },
        }),
        await world.as(who, { method: 'GET', url: `${url}/$meta` }),
        await world.as(who, { method: 'GET', url: `${url}/_history` }),
      ].map(({ statusCode }) => statusCode);
      expect(statuses).toEqual(statuses.map(() => 404));
      // What is granted on some resources alone is not enough to validate by id, whichever.
      expect((await world.as(who, { method: 'GET', url: `${url}/$validate` })).statusCode).toBe(403);
    }
  });

  it('that content is what is stored already, or which version it has, is told to who may know it', async () => {
    const blind = await token('user/Observation.u');
    const body = observation('guessed', 'laboratory');
    await world.store(body);
    const put = (who: string, headers: Record<string, string> = {}) =>
      world.as(who, { method: 'PUT', url: 'Observation/guessed', body, headers });
    const stale = await put(blind, { 'if-match': 'W/"7"' });
    expect([stale.statusCode, stale.body.includes('W/\\"1')]).toEqual([412, false]);
    expect((await put(await token('user/Observation.ru'))).headers.etag).toBe('W/"1"');
    expect((await put(blind)).headers.etag).toBe('W/"2"');
    expect((await put(blind)).headers.etag).toBe('W/"3"');
    const other = { ...body, valueString: 'another' };
    expect(
      (await world.as(blind, { method: 'PUT', url: 'Observation/guessed', body: other })).headers.etag,
    ).toBe('W/"4"');
  });

  describe('labels in use', () => {
    const meta = async (who: string, url: string) => (await world.as(who, { method: 'GET', url })).body;

    it('are those of what is found', async () => {
      const all = await token('user/*.rs');
      for (const url of ['$meta', 'Observation/$meta']) {
        const text = await meta(all, url);
        for (const label of ['hidden', 'shown', 'of-2', 'urn:p:of-2']) expect(text).toContain(`"${label}"`);
      }
      for (const [who, scope] of [
        [await token('user/Observation.rs?category=vital-signs'), ['Observation/$meta']],
        [await token('user/*.rs?category=vital-signs'), ['Observation/$meta']],
      ] as const) {
        for (const url of scope) {
          const text = await meta(who, url);
          expect(text).toContain('"shown"');
          expect(text).toContain('"urn:p:shown"');
          for (const label of ['hidden', 'of-2', 'patient-2']) expect(text).not.toContain(label);
        }
      }
    });

    it('are those of one patient for an app that is about one, and of some types for one that is about these', async () => {
      const ofOne = await token('patient/*.rs', '1');
      for (const url of ['$meta', 'Observation/$meta']) {
        const text = await meta(ofOne, url);
        for (const label of ['hidden', 'shown']) expect(text).toContain(`"${label}"`);
        for (const label of ['of-2', 'patient-2']) expect(text).not.toContain(label);
      }
      const ofTypes = await token('user/Patient.rs');
      expect((await world.as(ofTypes, { method: 'GET', url: 'Observation/$meta' })).statusCode).toBe(403);
      expect(await meta(ofTypes, 'Patient/$meta')).toContain('"patient-2"');
      expect(await meta(await token('patient/*.rs', 'nobody'), '$meta')).not.toMatch(
        /hidden|shown|of-2|patient-2/,
      );
    });
  });
});
