import type { Response as InjectResponse } from 'light-my-request';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

describe.each(databases)('Binary on $name', (database) => {
  let fhir: FhirApplication;

  beforeAll(async () => {
    fhir = await fhirApplication(database);
  });
  afterAll(() => fhir.app.close());

  const ask = (
    method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    payload?: string | Buffer,
    headers: Record<string, string> = {},
  ): Promise<InjectResponse> =>
    fhir.app.inject({
      method,
      url: `/fhir/r4/${path}`,
      headers,
      ...(payload === undefined ? {} : { payload }),
    });
  const bytes = Buffer.from([0, 1, 2, 0xff, 0xfe, 10, 13, 0x80]);
  const post = async (type: string, content: string | Buffer = bytes): Promise<string> => {
    const answer = await ask('POST', 'Binary', content, { 'content-type': type });
    expect(answer.statusCode).toBe(201);
    return answer.json().id;
  };

  it('takes any content as it is, and gives it back as it is', async () => {
    const created = await ask('POST', 'Binary', bytes, {
      'content-type': 'image/png',
      'x-security-context': 'Patient/17',
    });
    expect(created.statusCode).toBe(201);
    expect(created.json()).toMatchObject({
      resourceType: 'Binary',
      contentType: 'image/png',
      securityContext: { reference: 'Patient/17' },
      data: bytes.toString('base64'),
    });
    const { id } = created.json();
    const answer = await ask('GET', `Binary/${id}`, undefined, { accept: 'image/*' });
    expect(answer.rawPayload).toEqual(bytes);
    expect(answer.headers).toMatchObject({
      'content-type': 'image/png',
      'x-content-type-options': 'nosniff',
      'content-security-policy': 'sandbox',
      'content-disposition': 'attachment',
      'x-security-context': 'Patient/17',
      'cache-control': 'private, no-cache',
      etag: 'W/"1"',
      vary: 'Accept',
    });
    const version = await ask('GET', `Binary/${id}/_history/1`);
    expect(version.rawPayload).toEqual(bytes);
  });

  it('answers HEAD, conditions and what is gone like any other resource', async () => {
    const id = await post('application/pdf');
    const head = await ask('HEAD', `Binary/${id}`);
    expect([
      head.statusCode,
      head.headers['content-type'],
      head.headers['content-length'],
      head.body,
    ]).toEqual([200, 'application/pdf', String(bytes.length), '']);
    const known = await ask('GET', `Binary/${id}`, undefined, { 'if-none-match': 'W/"1"' });
    expect([known.statusCode, known.body]).toEqual([304, '']);
    await ask('DELETE', `Binary/${id}`);
    const gone = await ask('GET', `Binary/${id}`, undefined, { accept: 'application/pdf' });
    expect([gone.statusCode, gone.json().resourceType]).toEqual([410, 'OperationOutcome']);
  });

  it('is a resource to whoever asks for FHIR', async () => {
    const id = await post('application/pdf');
    for (const headers of [{ accept: 'application/fhir+json' }, { accept: 'application/fhir+json, */*' }]) {
      const answer = await ask('GET', `Binary/${id}`, undefined, headers);
      expect(answer.headers['content-type']).toBe('application/fhir+json; charset=utf-8');
      expect(answer.json()).toMatchObject({ resourceType: 'Binary', id, contentType: 'application/pdf' });
    }
    expect((await ask('GET', `Binary/${id}?_format=json`)).json().id).toBe(id);
    const xml = await ask('GET', `Binary/${id}`, undefined, { accept: 'application/fhir+xml' });
    expect(xml.body).toContain('<Binary xmlns="http://hl7.org/fhir">');
    const neither = await ask('GET', `Binary/${id}`, undefined, { accept: 'image/png' });
    expect([neither.statusCode, neither.json().resourceType]).toEqual([406, 'OperationOutcome']);
    const found = (await ask('GET', `Binary?_id=${id}`)).json();
    expect(found.entry[0].resource.data).toBe(bytes.toString('base64'));
  });

  it('is updated with content or as a resource', async () => {
    const id = await post('text/plain', 'a');
    const raw = await ask('PUT', `Binary/${id}`, 'b', {
      'content-type': 'text/plain; charset=utf-8',
      'if-match': 'W/"1"',
    });
    expect([raw.statusCode, raw.headers.etag, raw.json().contentType]).toEqual([
      200,
      'W/"2"',
      'text/plain; charset=utf-8',
    ]);
    const late = await ask('PUT', `Binary/${id}`, 'c', { 'content-type': 'text/plain', 'if-match': 'W/"1"' });
    expect(late.statusCode).toBe(412);
    const resource = JSON.stringify({ resourceType: 'Binary', id, contentType: 'text/plain', data: 'Yw==' });
    const whole = await ask('PUT', `Binary/${id}`, resource, { 'content-type': 'application/fhir+json' });
    expect(whole.headers.etag).toBe('W/"3"');
    expect((await ask('GET', `Binary/${id}`)).body).toBe('c');
    expect((await ask('PUT', 'Binary/own-id', 'x', { 'content-type': 'text/csv' })).statusCode).toBe(201);
  });

  it.each([
    ['application/json', '[1,2]'],
    ['application/json', '{"a":1}'],
    ['application/fhir+json', '{"resourceType":"Patient"}'],
    ['application/fhir+xml', '<Patient xmlns="http://hl7.org/fhir"/>'],
    ['application/xml', '<Binary xmlns="urn:other"/>'],
    ['application/x-www-form-urlencoded', 'a=1&b=2'],
    ['text/html', '<script>alert(1)</script>'],
  ])('takes %s such as %s as content', async (type, content) => {
    const id = await post(type, content);
    const answer = await ask('GET', `Binary/${id}`);
    expect([answer.headers['content-type'], answer.body]).toEqual([type, content]);
    expect(answer.headers['content-security-policy']).toBe('sandbox');
  });

  it.each([
    ['application/fhir+json', '{"resourceType":"Binary","contentType":"a/b","data":"eA=="}'],
    [
      'application/fhir+xml',
      '<Binary xmlns="http://hl7.org/fhir"><contentType value="a/b"/><data value="eA=="/></Binary>',
    ],
  ])('takes a Binary in %s as what it is', async (type, content) => {
    const id = await post(type, content);
    const answer = await ask('GET', `Binary/${id}`);
    expect([answer.headers['content-type'], answer.body]).toEqual(['a/b', 'x']);
  });

  it('takes no content, and content without a type', async () => {
    const answer = await fhir.app.inject({ method: 'POST', url: '/fhir/r4/Binary' });
    expect([answer.statusCode, answer.json().contentType, answer.json().data]).toEqual([
      201,
      'application/octet-stream',
      undefined,
    ]);
    expect((await ask('GET', `Binary/${answer.json().id}`)).rawPayload).toHaveLength(0);
  });

  it('refuses too much content and headers that are none', async () => {
    const large = await ask('POST', 'Binary', Buffer.alloc(12 * 2 ** 20), { 'content-type': 'image/png' });
    expect([large.statusCode, large.json().resourceType]).toEqual([413, 'OperationOutcome']);
    const fits = await ask('POST', 'Binary', Buffer.alloc(12 * 2 ** 20 - 8_192), {
      'content-type': 'image/png',
      prefer: 'return=minimal',
    });
    expect([201, 413]).toContain(fits.statusCode);
    for (const context of ['javascript:alert(1)', 'Patient', 'Patient/1 2']) {
      const answer = await ask('POST', 'Binary', 'x', {
        'content-type': 'text/plain',
        'x-security-context': context,
      });
      expect(answer.statusCode).toBe(400);
    }
    expect((await ask('POST', 'Binary', '{"a":', { 'content-type': 'application/json' })).statusCode).toBe(
      400,
    );
  });

  it('never serves a content type that breaks out of the header', async () => {
    const resource = '{"resourceType":"Binary","contentType":"text/html; x=\\u00fc","data":"eA=="}';
    const id = await post('application/fhir+json', resource);
    const answer = await ask('GET', `Binary/${id}`);
    expect([answer.statusCode, answer.headers['content-type'], answer.body]).toEqual([
      200,
      'application/octet-stream',
      'x',
    ]);
  });
});
