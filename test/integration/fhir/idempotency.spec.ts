import { randomUUID } from 'node:crypto';
import type { Response as InjectResponse } from 'light-my-request';
import { ReceiptPurgeJob } from '../../../src/fhir/storage/receipt-purge.job.js';
import { Database } from '../../../src/platform/database/index.js';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

describe.each(databases)('Idempotency-Key on $name', (database) => {
  let fhir: FhirApplication;

  beforeAll(async () => {
    fhir = await fhirApplication(database, { FIREKEEP_VALIDATION: 'off' });
  });
  afterAll(() => fhir.app.close());

  const post = (
    path: string,
    payload: object | string,
    key?: string,
    more: Record<string, string> = {},
  ): Promise<InjectResponse> =>
    fhir.app.inject({
      method: 'POST',
      url: `/fhir/r4${path}`,
      headers: {
        'content-type': 'application/fhir+json',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...more,
      },
      payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    });
  const count = async (query: string): Promise<number> => {
    const answer = await fhir.app.inject({
      method: 'GET',
      url: `/fhir/r4/${query}&_total=accurate&_count=0`,
    });
    return answer.json<{ total: number }>().total;
  };
  const basic = (value: string): object => ({ resourceType: 'Basic', identifier: [{ value }] });
  const bundle = (type: string, entry: readonly object[]): object => ({
    resourceType: 'Bundle',
    type,
    entry,
  });
  const answerOf = ({ statusCode, body, headers }: InjectResponse): object => ({
    statusCode,
    body,
    location: headers.location,
    etag: headers.etag,
    modified: headers['last-modified'],
  });

  it('answers a repeated create as the first time, and creates once', async () => {
    const key = randomUUID();
    const first = await post('/Basic', basic(key), key);
    expect(first.statusCode).toBe(201);
    const { id } = first.json<{ id: string }>();
    // The answer is that of the first time, whatever has become of the resource.
    await fhir.app.inject({
      method: 'PUT',
      url: `/fhir/r4/Basic/${id}`,
      headers: { 'content-type': 'application/fhir+json' },
      payload: JSON.stringify({ ...basic(key), id, language: 'en' }),
    });
    expect(answerOf(await post('/Basic', basic(key), key))).toEqual(answerOf(first));
    await fhir.app.inject({ method: 'DELETE', url: `/fhir/r4/Basic/${id}` });
    expect(answerOf(await post('/Basic', basic(key), key))).toEqual(answerOf(first));
    expect(await count(`Basic?identifier=${key}`)).toBe(0);
  });

  it('creates anew without a key, and under another key', async () => {
    const value = randomUUID();
    for (const key of [undefined, undefined, 'k1', 'k2'])
      await post('/Basic', basic(value), key && key + value);
    expect(await count(`Basic?identifier=${value}`)).toBe(4);
  });

  it('keeps the answer of a conditional create too, with its criteria', async () => {
    const key = randomUUID();
    const criteria = { 'if-none-exist': `identifier=${key}` };
    await post('/Basic', basic(key));
    const first = await post('/Basic', basic(key), key, criteria);
    expect(first.statusCode).toBe(200);
    expect(answerOf(await post('/Basic', basic(key), key, criteria))).toEqual(answerOf(first));
    expect((await post('/Basic', basic(key), key)).statusCode).toBe(422);
  });

  it('answers a repeated transaction as the first time, with the resources where they are asked for', async () => {
    const key = randomUUID();
    const payload = bundle('transaction', [
      { resource: basic(key), request: { method: 'POST', url: 'Basic' } },
      {
        resource: { resourceType: 'Basic', id: key, language: 'en' },
        request: { method: 'PUT', url: `Basic/${key}` },
      },
      { request: { method: 'DELETE', url: 'Basic/never' } },
    ]);
    for (const prefer of ['return=minimal', 'return=representation']) {
      const unique = `${key}-${prefer}`;
      const first = await post('', payload, unique, { prefer });
      expect(first.statusCode).toBe(200);
      expect(answerOf(await post('', payload, unique, { prefer }))).toEqual(answerOf(first));
    }
    expect(await count(`Basic?identifier=${key}`)).toBe(2);
  });

  it('does the writes of a repeated batch once, and again what had failed', async () => {
    const key = randomUUID();
    const payload = bundle('batch', [
      { resource: basic(key), request: { method: 'POST', url: 'Basic' } },
      { resource: basic(key), request: { method: 'POST', url: 'Basic' } },
      { request: { method: 'GET', url: `Basic/${key}` } },
      {
        resource: { resourceType: 'Basic', id: `x${key}` },
        request: { method: 'PUT', url: `Basic/x${key}`, ifMatch: 'W/"7"' },
      },
    ]);
    const first = await post('', payload, key);
    const statuses = (answer: InjectResponse): string[] =>
      answer
        .json<{ entry: { response: { status: string } }[] }>()
        .entry.map(({ response }) => response.status);
    expect(statuses(first)).toEqual([
      '201 Created',
      '201 Created',
      '404 Not Found',
      '412 Precondition Failed',
    ]);
    expect(answerOf(await post('', payload, key))).toEqual(answerOf(first));
    expect(await count(`Basic?identifier=${key}`)).toBe(2);
  });

  it('refuses the key for another body or another address, with 422', async () => {
    const key = randomUUID();
    await post('/Basic', basic(key), key);
    expect((await post('/Basic', basic('other'), key)).body).toContain('FHIR_IDEMPOTENCY_KEY_REUSED');
    expect((await post('/Basic?_format=json', basic(key), key)).statusCode).toBe(422);
    expect(await count('Basic?identifier=other')).toBe(0);
  });

  it('is of one caller alone: to another, the same key is a new one', async () => {
    const key = randomUUID();
    const first = await post('/Basic', basic(key), key);
    const { principal } = fhir.access;
    for (const other of [
      { subject: 'bob' },
      { clientId: 'other-app' },
      { issuer: 'https://as.example.org' },
    ]) {
      fhir.access.principal = { ...principal, ...other };
      const answer = await post('/Basic', basic(key), key);
      expect(answer.statusCode).toBe(201);
      expect(answer.headers.location).not.toBe(first.headers.location);
    }
    fhir.access.principal = principal;
  });

  it('is of one endpoint alone', async () => {
    const key = randomUUID();
    const first = await post('/Basic', basic(key), key);
    const other = await fhir.app.inject({
      method: 'POST',
      url: '/csp/healthshare/fhirserver/fhir/r4/Basic',
      headers: { 'content-type': 'application/fhir+json', 'idempotency-key': key },
      payload: JSON.stringify(basic(key)),
    });
    expect(other.statusCode).toBe(201);
    expect(other.json<{ id: string }>().id).not.toBe(first.json<{ id: string }>().id);
  });

  it('keeps no answer of what failed', async () => {
    const key = randomUUID();
    const payload = bundle('transaction', [
      {
        resource: { resourceType: 'Basic', id: key, language: 'en' },
        request: { method: 'PUT', url: `Basic/${key}`, ifMatch: 'W/"1"' },
      },
    ]);
    expect((await post('', payload, key)).statusCode).toBe(412);
    await fhir.app.inject({
      method: 'PUT',
      url: `/fhir/r4/Basic/${key}`,
      headers: { 'content-type': 'application/fhir+json' },
      payload: JSON.stringify({ resourceType: 'Basic', id: key }),
    });
    expect((await post('', payload, key)).statusCode).toBe(200);
    expect((await post('', payload, key)).statusCode).toBe(200);
  });

  it('creates once under twenty equal requests at the same time, all with one answer', async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => post('/Basic', basic(key), key)));
    expect(new Set(answers.map((answer) => JSON.stringify(answerOf(answer)))).size).toBe(1);
    expect(answers[0]?.statusCode).toBe(201);
    expect(await count(`Basic?identifier=${key}`)).toBe(1);
  });

  it.each(['', 'a b', 'x'.repeat(256), 'ä'])('refuses the key "%s"', async (key) => {
    expect((await post('/Basic', basic('never-stored'), key)).statusCode).toBe(400);
    expect(await count('Basic?identifier=never-stored')).toBe(0);
  });

  it('does nothing where the caller may not any more', async () => {
    const key = randomUUID();
    await post('/Basic', basic(key), key);
    fhir.access.denied.add('create Basic');
    expect((await post('/Basic', basic(key), key)).statusCode).toBe(403);
    fhir.access.denied.clear();
  });

  it('forgets after a day, in batches', async () => {
    const key = randomUUID();
    await post('/Basic', basic(key), key);
    const job = fhir.app.get(ReceiptPurgeJob, { strict: false });
    expect(await job.run(Date.now() + 23 * 3_600_000)).toBe(0);
    await fhir.app
      .get(Database)
      .transaction((session) => session.execute('UPDATE fhir_receipt SET expires = ?', [Date.now() - 1]));
    expect((await post('/Basic', basic(key), key)).statusCode).toBe(201);
    expect(await count(`Basic?identifier=${key}`)).toBe(2);
    expect(await job.run()).toBeGreaterThan(0);
    const rows = await fhir.app.get(Database).query('SELECT COUNT(*) AS n FROM fhir_receipt');
    expect(Number(rows[0]?.n)).toBe(1);
  });
});
