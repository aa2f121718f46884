import { RefusalsService } from '../../../src/access/index.js';
import { databases } from '../../kit/databases.js';
import type { HttpAnswer } from '../../kit/http.js';
import { bearer, bearerPath, World } from './application.js';

const json = 'application/fhir+json';
const observation = (patient: string) => ({
  ...{ resourceType: 'Observation', status: 'final', code: { text: 'x' } },
  subject: { reference: `Patient/${patient}` },
});

/** Refusals that come behind the gate, of what a scope covers as such. */
describe.each(databases)('refusals behind the gate on $name', ({ create }) => {
  let world: World;
  let narrow: string;

  beforeAll(async () => {
    world = await World.start(await create(), { logLevel: 'silent' });
    const loader = await world.token({ clientId: 'loader' }, bearerPath);
    for (const id of ['a', 'b']) {
      expect((await send('PUT', `Patient/${id}`, loader, { resourceType: 'Patient', id })).statusCode).toBe(
        201,
      );
    }
    for (const n of [1, 2, 3]) {
      const id = `o-${n}`;
      expect((await send('PUT', `Observation/${id}`, loader, { ...observation('a'), id })).statusCode).toBe(
        201,
      );
    }
    expect(
      (await send('PUT', 'Observation/o-1', loader, { ...observation('a'), id: 'o-1', status: 'amended' }))
        .statusCode,
    ).toBe(200);
    narrow = await world.token({ username: 'alice', scope: 'patient/*.cruds', patient: 'a' }, bearerPath);
  });
  afterAll(() => world.close());

  const send = (
    method: 'GET' | 'PUT' | 'POST' | 'PATCH',
    url: string,
    token: string,
    body?: object,
  ): Promise<HttpAnswer> =>
    world.call({
      method,
      url: url.startsWith('http')
        ? url.slice(world.url.length)
        : `${bearerPath}${url === '' ? '' : `/${url}`}`,
      headers: {
        ...bearer(token),
        ...(body === undefined
          ? {}
          : { 'content-type': method === 'PATCH' ? 'application/json-patch+json' : json }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });

  async function expectExplained(
    answer: HttpAnswer,
    code: string,
    told: { readonly expected: string; readonly actual: string },
  ): Promise<void> {
    expect([answer.statusCode, answer.body]).toEqual([expect.any(Number), expect.stringContaining(code)]);
    const refusal = await world.explain(answer);
    expect(refusal).toMatchObject({
      check: 'scope',
      status: 'forbidden',
      subject: 'alice',
      expected: expect.stringContaining(told.expected),
      actual: expect.stringContaining(told.actual),
      remedy: expect.stringMatching(/./),
      setting: expect.stringMatching(/./),
    });
    expect(refusal.trail.at(-1)).toEqual({ check: 'scope', result: 'failed' });
  }

  const outside = { expected: 'lies within what was granted', actual: 'update on Observation' };

  it('are explained where a write would leave what was granted', async () => {
    const moved = await send('PUT', 'Observation/o-1', narrow, { ...observation('b'), id: 'o-1' });
    await expectExplained(moved, 'FHIR_ACCESS_OUTSIDE', outside);
    const patch = [{ op: 'replace', path: '/subject/reference', value: 'Patient/b' }];
    await expectExplained(
      await send('PATCH', 'Observation/o-1', narrow, patch),
      'FHIR_ACCESS_OUTSIDE',
      outside,
    );
    await expectExplained(
      await send('POST', 'Observation', narrow, observation('b')),
      'FHIR_ACCESS_OUTSIDE',
      {
        ...outside,
        actual: 'create on Observation',
      },
    );
  });

  it.each(['batch', 'transaction'])('are explained in a %s', async (type) => {
    const entry = [
      {
        resource: { ...observation('b'), id: 'o-2' },
        request: { method: 'PUT', url: 'Observation/o-2' },
      },
    ];
    const answer = await send('POST', '', narrow, { resourceType: 'Bundle', type, entry });
    await expectExplained(answer, 'FHIR_ACCESS_OUTSIDE', outside);
  });

  it('are explained where a page link is somebody else’s', async () => {
    const theirs = await world.token('bob', bearerPath);
    const mine = await world.token('alice', bearerPath);
    for (const url of [
      'Observation?_count=1',
      'Observation/_history?_count=1',
      '_history?_count=1',
      '?_count=1',
    ]) {
      const page = await send('GET', url, theirs);
      const next = page
        .json<{ link: { relation: string; url: string }[] }>()
        .link.find(({ relation }) => relation === 'next');
      await expectExplained(await send('GET', next?.url ?? '', mine), 'FHIR_SEARCH_PAGE_FOREIGN', {
        ...{ expected: 'made for this endpoint, user and client', actual: 'made for another caller' },
      });
    }
    const versions = await send('GET', 'Observation/o-1/_history?_count=1', theirs);
    const next = versions
      .json<{ link: { relation: string; url: string }[] }>()
      .link.find(({ relation }) => relation === 'next');
    await expectExplained(await send('GET', next?.url ?? '', mine), 'FHIR_SEARCH_PAGE_FOREIGN', {
      ...{ expected: 'made for this endpoint', actual: 'history-instance on Observation' },
    });
  });

  it('are explained where a search may not be, and where an event is forged', async () => {
    const mine = await world.token('alice', bearerPath);
    await expectExplained(
      await send('GET', 'Observation?_explain=true', mine),
      'FHIR_SEARCH_EXPLAIN_DENIED',
      { expected: 'role admin', actual: 'search-type on Observation' },
    );
    const forged = {
      ...{ resourceType: 'AuditEvent', recorded: '2020-01-01T00:00:00Z' },
      meta: { tag: [{ system: 'urn:firekeep:audit', code: 'recorded' }] },
      type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' },
      agent: [{ requestor: true }],
      source: { observer: { display: 'x' } },
    };
    await expectExplained(await send('POST', 'AuditEvent', mine, forged), 'FHIR_AUDIT_TAG_RESERVED', {
      ...{ expected: 'without the tag', actual: 'create on AuditEvent' },
    });
  });

  it('hold no token', async () => {
    const refusals = await world.get(RefusalsService).list({ limit: 100 });
    expect(refusals.length).toBeGreaterThan(8);
    const rows = await world.refusalRows();
    for (const secret of world.secrets) expect(rows).not.toContain(secret);
  });
});
