import type { Response as InjectResponse } from 'light-my-request';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

describe.each(databases)('limits on $name', (database) => {
  let fhir: FhirApplication;
  const headers = { 'content-type': 'application/fhir+json' };

  beforeAll(async () => {
    fhir = await fhirApplication(database, {
      FIREKEEP_BUNDLE_ENTRIES: '20',
      FIREKEEP_INDEX_ROWS: '100',
      FIREKEEP_WRITES_IN_FLIGHT: '4',
      FIREKEEP_REQUEST_TIMEOUT: '1',
      FIREKEEP_VALIDATION: 'off',
    });
  });
  afterAll(() => fhir.app.close());

  const post = (path: string, payload: object): Promise<InjectResponse> =>
    fhir.app.inject({ method: 'POST', url: `/fhir/r4${path}`, headers, payload: JSON.stringify(payload) });
  const put = (path: string, payload: object, more: Record<string, string> = {}): Promise<InjectResponse> =>
    fhir.app.inject({
      method: 'PUT',
      url: `/fhir/r4/${path}`,
      headers: { ...headers, ...more },
      payload: JSON.stringify(payload),
    });
  const codeOf = (answer: InjectResponse): string =>
    answer.json<{ issue: { details: { coding: { code: string }[] } }[] }>().issue[0]?.details.coding[0]
      ?.code ?? '';
  const basic = (id: string, more: object = {}): object => ({ resourceType: 'Basic', id, ...more });
  const entry = (id: string): object => ({
    resource: basic(id),
    request: { method: 'PUT', url: `Basic/${id}` },
  });

  it('refuses a Bundle with more entries than may be, with 413, whole', async () => {
    const entries = Array.from({ length: 21 }, (_, n) => entry(`many-${n}`));
    for (const type of ['transaction', 'batch']) {
      const answer = await post('', { resourceType: 'Bundle', type, entry: entries });
      expect([answer.statusCode, codeOf(answer)]).toEqual([413, 'FHIR_BUNDLE_TOO_LARGE']);
    }
    expect((await fhir.app.inject({ url: '/fhir/r4/Basic/many-0' })).statusCode).toBe(404);
  });

  it('refuses a resource with more index rows than may be, with 422', async () => {
    const identifier = Array.from({ length: 101 }, (_, n) => ({ system: 'urn:x', value: String(n) }));
    const answer = await put('Basic/rows', basic('rows', { identifier }));
    expect([answer.statusCode, codeOf(answer)]).toEqual([422, 'FHIR_STORE_TOO_MANY_INDEX_ROWS']);
    expect((await put('Basic/rows', basic('rows', { identifier: identifier.slice(0, 50) }))).statusCode).toBe(
      201,
    );
  });

  it('refuses writes beyond those in flight, with 429 and Retry-After; what was accepted is done', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) => put(`Basic/f${n}`, basic(`f${n}`))),
    );
    const busy = answers.filter(({ statusCode }) => statusCode === 429);
    expect(busy.length).toBeGreaterThan(0);
    for (const answer of busy) {
      expect(codeOf(answer)).toBe('FHIR_STORE_BUSY');
      expect(answer.headers['retry-after']).toBeDefined();
    }
    for (const [n, { statusCode }] of answers.entries()) {
      const { statusCode: found } = await fhir.app.inject({ url: `/fhir/r4/Basic/f${n}` });
      expect(found).toBe(statusCode === 201 ? 200 : 404);
    }
  });

  it('loses no update: of many with the same If-Match one is stored', async () => {
    await put('Basic/raced', basic('raced'));
    for (let version = 1; version < 4; version++) {
      const ifMatch = { 'if-match': `W/"${version}"` };
      const answers = await Promise.all(
        ['aa', 'bb', 'cc', 'dd'].map((language) =>
          put('Basic/raced', basic('raced', { language: `${language}${version}` }), ifMatch),
        ),
      );
      const statuses = answers.map(({ statusCode }) => statusCode).sort();
      expect(statuses).toEqual([200, 412, 412, 412]);
    }
  });

  it('keeps tags, security labels and profiles as they are sent, and sets version and time itself', async () => {
    const meta = {
      versionId: '99',
      lastUpdated: '2000-01-01T00:00:00Z',
      source: 'urn:source',
      profile: ['http://example.org/StructureDefinition/p'],
      security: [{ system: 'urn:s', code: 'R' }],
      tag: [{ system: 'urn:t', code: 't', display: 'T' }],
    };
    await put('Basic/meta', basic('meta', { meta }));
    const { meta: stored } = (await fhir.app.inject({ url: '/fhir/r4/Basic/meta' })).json<{
      meta: typeof meta;
    }>();
    expect(stored).toMatchObject({
      source: meta.source,
      profile: meta.profile,
      security: meta.security,
      tag: meta.tag,
    });
    expect(stored.versionId).toBe('1');
    expect(Date.parse(stored.lastUpdated)).toBeGreaterThan(Date.parse('2020-01-01'));
    const found = await fhir.app.inject({ url: '/fhir/r4/Basic?_tag=urn:t|t&_security=urn:s|R' });
    expect(found.json<{ entry?: unknown[] }>().entry).toHaveLength(1);
  });
});
