import type { Response as InjectResponse } from 'light-my-request';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

const json = 'application/fhir+json';

describe.each(databases)('interactions with one resource on $name', (database) => {
  let fhir: FhirApplication;

  beforeAll(async () => {
    fhir = await fhirApplication(database);
  });
  afterAll(() => fhir.app.close());
  afterEach(() => {
    fhir.access.denied.clear();
    fhir.access.narrowed = false;
  });

  const ask = (
    method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'PATCH',
    path: string,
    payload?: string | Buffer,
    headers: Record<string, string> = {},
  ): Promise<InjectResponse> =>
    fhir.app.inject({
      method,
      url: `/fhir/r4${path}`,
      headers: payload === undefined ? headers : { 'content-type': json, ...headers },
      ...(payload === undefined ? {} : { payload }),
    });

  const create = async (text: string): Promise<string> => {
    const answer = await ask('POST', `/${JSON.parse(text).resourceType}`, text);
    expect(answer.statusCode).toBe(201);
    return answer.json().id;
  };

  it('creates with an id of the server, version 1, ETag, Last-Modified and Location', async () => {
    const answer = await ask(
      'POST',
      '/Patient',
      '{ "resourceType": "Patient", "id": "mine", "active": true }',
    );
    expect(answer.statusCode).toBe(201);
    const { id, meta } = answer.json();
    expect(id).not.toBe('mine');
    expect(answer.headers.etag).toBe('W/"1"');
    expect(answer.headers.location).toBe(`${fhir.base}/Patient/${id}/_history/1`);
    expect(answer.headers['last-modified']).toBe(new Date(meta.lastUpdated).toUTCString());
    expect(answer.headers['content-type']).toBe('application/fhir+json; charset=utf-8');
    expect(answer.body).toBe(
      `{"resourceType":"Patient","id":"${id}","meta":{"versionId":"1","lastUpdated":"${meta.lastUpdated}"},"active":true}`,
    );
  });

  it('gives back numbers, escapes and characters as they were written', async () => {
    const rest =
      '"valueQuantity":{"value":1.00,"unit":"\\u006dg \\/ 😀 é"},"referenceRange":[{"low":{"value":-0.50e-10},"high":{"value":123456789012345678901234567890.10}}]';
    const id = await create(`{"resourceType":"Observation","status":"final","code":{"text":"c"},${rest}}`);
    const answer = await ask('GET', `/Observation/${id}`);
    expect(answer.body.slice(answer.body.indexOf('"valueQuantity"'), -1)).toBe(rest);
  });

  it('keeps tags, security labels, profiles and source of the sender', async () => {
    const id = await create(
      '{"resourceType":"Patient","meta":{"versionId":"9","tag":[{"code":"a"}],"lastUpdated":"2000-01-01T00:00:00Z","source":"urn:x"}}',
    );
    const { meta } = (await ask('GET', `/Patient/${id}`)).json();
    expect(meta).toEqual({
      versionId: '1',
      lastUpdated: expect.stringMatching(/^20[2-9]/),
      tag: [{ code: 'a' }],
      source: 'urn:x',
    });
  });

  it('answers 404 for an unknown and 410 for a deleted resource, with an OperationOutcome', async () => {
    const unknown = await ask('GET', '/Patient/nobody');
    expect(unknown.statusCode).toBe(404);
    expect(unknown.json()).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [
        { severity: 'error', code: 'not-found', details: { coding: [{ code: 'FHIR_UNKNOWN_RESOURCE' }] } },
      ],
    });
    const id = await create('{"resourceType":"Patient"}');
    const deleted = await ask('DELETE', `/Patient/${id}`);
    expect([deleted.statusCode, deleted.body, deleted.headers.etag]).toEqual([204, '', 'W/"2"']);
    const gone = await ask('GET', `/Patient/${id}`);
    expect(gone.statusCode).toBe(410);
    expect(gone.json().issue[0].code).toBe('deleted');
    expect((await ask('DELETE', `/Patient/${id}`)).statusCode).toBe(204);
    expect((await ask('DELETE', '/Patient/never-there')).statusCode).toBe(204);
  });

  it('revives a deleted id with the next version', async () => {
    const id = await create('{"resourceType":"Patient"}');
    await ask('DELETE', `/Patient/${id}`);
    const revived = await ask(
      'PUT',
      `/Patient/${id}`,
      `{"resourceType":"Patient","id":"${id}","active":true}`,
    );
    expect([revived.statusCode, revived.headers.etag]).toEqual([201, 'W/"3"']);
    expect((await ask('GET', `/Patient/${id}`)).json().active).toBe(true);
    expect((await ask('GET', `/Patient/${id}/_history/2`)).statusCode).toBe(410);
  });

  it('creates by update under an id of the client', async () => {
    const text = '{"resourceType":"Patient","id":"client-chosen.1","active":true}';
    const created = await ask('PUT', '/Patient/client-chosen.1', text);
    expect([created.statusCode, created.headers.etag]).toEqual([201, 'W/"1"']);
    expect(created.headers.location).toBe(`${fhir.base}/Patient/client-chosen.1/_history/1`);
  });

  it('keeps the version where an update changes nothing, white space and own meta aside', async () => {
    const id = await create('{"resourceType":"Patient","active":true,"name":[{"family":"A"}]}');
    const read = await ask('GET', `/Patient/${id}?_pretty=true`);
    expect(read.body).toContain('\n  "active": true');
    const same = await ask('PUT', `/Patient/${id}`, read.body);
    expect([same.statusCode, same.headers.etag]).toEqual([200, 'W/"1"']);
    const changed = await ask('PUT', `/Patient/${id}`, read.body.replace('true', 'false'));
    expect([changed.statusCode, changed.headers.etag]).toEqual([200, 'W/"2"']);
    expect((await ask('GET', `/Patient/${id}/_history/1`)).json().active).toBe(true);
    expect((await ask('GET', `/Patient/${id}/_history/2`)).json().active).toBe(false);
    expect((await ask('GET', `/Patient/${id}/_history/3`)).statusCode).toBe(404);
    expect((await ask('GET', `/Patient/${id}/_history/x`)).statusCode).toBe(404);
  });

  it('refuses a stale If-Match with 412 and takes the current one', async () => {
    const id = await create('{"resourceType":"Patient"}');
    const text = (active: boolean): string => `{"resourceType":"Patient","id":"${id}","active":${active}}`;
    expect((await ask('PUT', `/Patient/${id}`, text(true), { 'if-match': 'W/"1"' })).statusCode).toBe(200);
    expect((await ask('PUT', `/Patient/${id}`, text(false), { 'if-match': 'W/"1"' })).statusCode).toBe(412);
    expect((await ask('PUT', `/Patient/${id}`, text(false), { 'if-match': '"2"' })).statusCode).toBe(200);
    expect((await ask('PUT', `/Patient/${id}`, text(true), { 'if-match': 'nonsense' })).statusCode).toBe(400);
    expect((await ask('DELETE', `/Patient/${id}`, undefined, { 'if-match': 'W/"1"' })).statusCode).toBe(412);
    expect((await ask('GET', `/Patient/${id}`)).headers.etag).toBe('W/"3"');
  });

  it('lets If-None-Match: * create and not overwrite', async () => {
    const text = '{"resourceType":"Patient","id":"only-once"}';
    const headers = { 'if-none-match': '*' };
    expect((await ask('PUT', '/Patient/only-once', text, headers)).statusCode).toBe(201);
    expect((await ask('PUT', '/Patient/only-once', text, headers)).statusCode).toBe(412);
  });

  it('answers 304 to a reader who has the version', async () => {
    const id = await create('{"resourceType":"Patient"}');
    const { headers } = await ask('GET', `/Patient/${id}`);
    const known = await ask('GET', `/Patient/${id}`, undefined, { 'if-none-match': 'W/"1"' });
    expect([known.statusCode, known.body, known.headers.etag]).toEqual([304, '', 'W/"1"']);
    expect((await ask('GET', `/Patient/${id}`, undefined, { 'if-none-match': 'W/"2"' })).statusCode).toBe(
      200,
    );
    const since = { 'if-modified-since': String(headers['last-modified']) };
    expect((await ask('GET', `/Patient/${id}`, undefined, since)).statusCode).toBe(304);
    const earlier = { 'if-modified-since': 'Mon, 01 Jan 2024 00:00:00 GMT' };
    expect((await ask('GET', `/Patient/${id}`, undefined, earlier)).statusCode).toBe(200);
    const both = { ...since, 'if-none-match': 'W/"7"' };
    expect((await ask('GET', `/Patient/${id}`, undefined, both)).statusCode).toBe(200);
  });

  it('answers HEAD like GET without a body', async () => {
    const id = await create('{"resourceType":"Patient"}');
    const get = await ask('GET', `/Patient/${id}`);
    const head = await ask('HEAD', `/Patient/${id}`);
    expect([head.statusCode, head.body]).toEqual([200, '']);
    expect(head.headers.etag).toBe('W/"1"');
    expect(head.headers['content-length']).toBe(String(get.rawPayload.length));
  });

  it('does as Prefer says', async () => {
    const text = '{"resourceType":"Patient"}';
    const minimal = await ask('POST', '/Patient', text, { prefer: 'return=minimal' });
    expect([minimal.statusCode, minimal.body]).toEqual([201, '']);
    expect(minimal.headers.location).toBeDefined();
    const outcome = await ask('POST', '/Patient', text, { prefer: 'return=OperationOutcome' });
    expect(outcome.json().resourceType).toBe('OperationOutcome');
    const whole = await ask('POST', '/Patient', text, { prefer: 'return=representation' });
    expect(whole.json().resourceType).toBe('Patient');
    const { id } = whole.json();
    for (const url of [`/Patient/${id}`, `/Patient?_id=${id}`]) {
      const deleted = await ask('DELETE', url, undefined, { prefer: 'return=OperationOutcome' });
      expect([deleted.statusCode, deleted.json().resourceType]).toEqual([200, 'OperationOutcome']);
    }
    const gone = await ask('DELETE', `/Patient/${id}`, undefined, { prefer: 'return=minimal' });
    expect([gone.statusCode, gone.body]).toEqual([204, '']);
  });

  it('creates once under If-None-Exist, however many ask at the same time', async () => {
    const text = '{"resourceType":"Patient","identifier":[{"system":"urn:s","value":"once"}]}';
    const headers = { 'if-none-exist': 'identifier=urn:s|once' };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ask('POST', '/Patient', text, headers)),
    );
    const statuses = answers.map(({ statusCode }) => statusCode).sort();
    expect(statuses).toEqual([...Array.from({ length: 19 }, () => 200), 201]);
    expect(new Set(answers.map((answer) => answer.json().id)).size).toBe(1);
  });

  it('answers 412 where the criteria of a conditional create match more than one', async () => {
    const text = '{"resourceType":"Patient","identifier":[{"system":"urn:s","value":"twice"}]}';
    await create(text);
    await create(text);
    const answer = await ask('POST', '/Patient', text, { 'if-none-exist': 'identifier=urn:s|twice' });
    expect(answer.statusCode).toBe(412);
    expect(answer.json().issue[0].code).toBe('multiple-matches');
  });

  it('answers the history, the newest first, in pages', async () => {
    const id = await create('{"resourceType":"Patient"}');
    await ask('PUT', `/Patient/${id}`, `{"resourceType":"Patient","id":"${id}","active":true}`);
    await ask('DELETE', `/Patient/${id}`);
    const first = (await ask('GET', `/Patient/${id}/_history?_count=2`)).json();
    expect(first).toMatchObject({ resourceType: 'Bundle', type: 'history', total: 3 });
    expect(first.entry.map((entry: { request: object }) => entry.request)).toEqual([
      { method: 'DELETE', url: `Patient/${id}` },
      { method: 'PUT', url: `Patient/${id}` },
    ]);
    expect(first.entry[0].resource).toBeUndefined();
    expect(first.entry[0].response).toMatchObject({ status: '204 No Content', etag: 'W/"3"' });
    const next = first.link.find(({ relation }: { relation: string }) => relation === 'next').url;
    const path = String(next).slice(fhir.base.length);
    const second = (await ask('GET', path)).json();
    expect(second.entry).toHaveLength(1);
    expect(second.entry[0]).toMatchObject({
      request: { method: 'POST', url: 'Patient' },
      response: { status: '201 Created' },
    });
    expect(second.link.some(({ relation }: { relation: string }) => relation === 'next')).toBe(false);
    fhir.access.principal = { ...fhir.access.principal, subject: 'bob' };
    expect((await ask('GET', path)).statusCode).toBe(403);
    fhir.access.principal = { ...fhir.access.principal, subject: 'alice' };
    expect((await ask('GET', '/Patient/nobody/_history')).statusCode).toBe(404);
  });

  it.each([
    ['malformed JSON', '/Patient', '{"resourceType":"Patient",}', 400, 'FHIR_MALFORMED_JSON'],
    ['an empty body', '/Patient', '', 400, 'FHIR_INVALID_RESOURCE'],
    ['an array', '/Patient', '[]', 400, 'FHIR_INVALID_RESOURCE'],
    ['no resourceType', '/Patient', '{"active":true}', 400, 'FHIR_INVALID_RESOURCE'],
    ['another resourceType', '/Patient', '{"resourceType":"Group"}', 400, 'FHIR_INVALID_RESOURCE'],
    ['an unknown resourceType', '/Patient', '{"resourceType":"Nonsense"}', 400, 'FHIR_INVALID_RESOURCE'],
    ['an unknown type in the address', '/Nonsense', '{"resourceType":"Nonsense"}', 404, 'FHIR_UNKNOWN_TYPE'],
    [
      'a key twice',
      '/Patient',
      '{"resourceType":"Patient","active":true,"active":false}',
      400,
      'FHIR_DUPLICATE_KEY',
    ],
    [
      'a key twice inside',
      '/Patient',
      '{"resourceType":"Patient","x":{"a":1,"\\u0061":2}}',
      400,
      'FHIR_DUPLICATE_KEY',
    ],
    [
      '__proto__',
      '/Patient',
      '{"resourceType":"Patient","x":{"__proto__":{"a":1}}}',
      400,
      'FHIR_FORBIDDEN_KEY',
    ],
    ['constructor', '/Patient', '{"resourceType":"Patient","constructor":{}}', 400, 'FHIR_FORBIDDEN_KEY'],
    [
      'deep nesting',
      '/Patient',
      `{"resourceType":"Patient","x":${'['.repeat(100_000)}`,
      400,
      'FHIR_JSON_LIMIT',
    ],
  ])('refuses %s', async (_what, path, body, status, code) => {
    const answer = await ask('POST', path, body);
    expect(answer.statusCode).toBe(status);
    expect(answer.json().issue[0].details.coding[0].code).toBe(code);
  });

  it('refuses bytes that are not UTF-8', async () => {
    const body = Buffer.concat([
      Buffer.from('{"resourceType":"Patient","x":"'),
      Buffer.of(0xff),
      Buffer.from('"}'),
    ]);
    const answer = await ask('POST', '/Patient', body);
    expect(answer.json().issue[0].details).toMatchObject({
      coding: [{ code: 'FHIR_MALFORMED_JSON' }],
      text: expect.stringContaining('byte 31'),
    });
  });

  it.each([
    ['no id in the body', '{"resourceType":"Patient"}', '/Patient/a'],
    ['another id in the body', '{"resourceType":"Patient","id":"b"}', '/Patient/a'],
    ['an id that is none', '{"resourceType":"Patient","id":"a_b"}', '/Patient/a_b'],
    ['an id that is a number', '{"resourceType":"Patient","id":1}', '/Patient/1'],
  ])('refuses an update with %s', async (_what, body, path) => {
    const answer = await ask('PUT', path, body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().issue[0].expression).toEqual(['id']);
  });

  it('answers 415 for a media type that it does not read and 406 for one that it does not write', async () => {
    const turtle = await ask('POST', '/Patient', 'a b c .', { 'content-type': 'text/turtle' });
    expect([turtle.statusCode, turtle.json().resourceType]).toEqual([415, 'OperationOutcome']);
    const latin = await ask('POST', '/Patient', '{}', { 'content-type': `${json}; charset=iso-8859-1` });
    expect(latin.statusCode).toBe(415);
    const utf8 = await ask('POST', '/Patient', '{"resourceType":"Patient"}', {
      'content-type': 'application/json; charset=UTF-8; fhirVersion=4.0',
    });
    expect(utf8.statusCode).toBe(201);
    expect((await ask('GET', '/Patient', undefined, { accept: 'text/turtle' })).statusCode).toBe(406);
    expect((await ask('GET', '/Patient?_format=ttl')).statusCode).toBe(406);
    expect((await ask('GET', '/Patient?_format=json', undefined, { accept: 'text/html' })).statusCode).toBe(
      200,
    );
    const browser = await ask('GET', '/Patient', undefined, {
      accept: 'text/html,application/xml;q=0.9,*/*;q=0.8',
    });
    expect(browser.statusCode).toBe(200);
  });

  it('creates nothing where the answer could not be given', async () => {
    const before = (await ask('GET', '/Basic?_total=accurate&_count=0')).json().total;
    const answer = await ask('POST', '/Basic', '{"resourceType":"Basic","code":{"text":"c"}}', {
      accept: 'text/turtle',
    });
    expect(answer.statusCode).toBe(406);
    expect((await ask('GET', '/Basic?_total=accurate&_count=0')).json().total).toBe(before);
  });

  it.each([
    ['POST', '/Patient/1', 405, 'PATCH'],
    ['PATCH', '', 405, 'POST'],
    ['PUT', '/metadata', 405, 'GET'],
    ['DELETE', '/metadata', 405, 'GET'],
    ['POST', '/metadata', 405, 'GET'],
    ['DELETE', '', 405, 'GET'],
    ['GET', '/Patient/1/_history/1/more', 404, undefined],
    ['GET', '/Patient/1/$everything', 404, undefined],
    ['POST', '/Patient/1/$x', 404, undefined],
  ] as const)('answers %s %s with %s', async (method, path, status, allow) => {
    const answer = await ask(method, path);
    expect(answer.statusCode).toBe(status);
    expect(answer.json().resourceType).toBe('OperationOutcome');
    if (allow !== undefined) expect(answer.headers.allow).toContain(allow);
  });

  it('answers a malformed address with an OperationOutcome', async () => {
    const answer = await ask('GET', '/Patient/%zz');
    expect(answer.statusCode).toBe(400);
    expect(answer.json().resourceType).toBe('OperationOutcome');
  });

  it('refuses what the policy denies, and leaves out what it narrows by criteria', async () => {
    fhir.access.denied.add('create Patient');
    expect((await ask('POST', '/Patient', '{"resourceType":"Patient"}')).statusCode).toBe(403);
    fhir.access.denied.clear();
    fhir.access.narrowed = true;
    const answer = await ask('GET', '/Patient');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ total: 0 });
  });

  it('does not let its answers be kept and used again unchecked', async () => {
    const answer = await ask('GET', '/Patient');
    expect(answer.headers['cache-control']).toBe('private, no-cache');
  });
});
