import { gzipSync } from 'node:zlib';
import type { InjectOptions, Response as InjectResponse } from 'light-my-request';
import { loadDefinitions } from '../../../src/fhir/definitions/index.js';
import { supportedInteractions } from '../../../src/fhir/index.js';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

describe.each(databases)('search and metadata on $name', (database) => {
  let fhir: FhirApplication;

  beforeAll(async () => {
    fhir = await fhirApplication(database, { FIREKEEP_BODY_LIMIT: '2MiB' });
    for (let index = 0; index < 5; index++) {
      await ask({
        method: 'POST',
        url: '/fhir/r4/Patient',
        payload: `{"resourceType":"Patient","name":[{"family":"Page"}],"multipleBirthInteger":${index}}`,
      });
    }
  });
  afterAll(() => fhir.app.close());

  const ask = ({ headers, ...options }: InjectOptions): Promise<InjectResponse> =>
    fhir.app.inject({
      ...options,
      headers: {
        ...(options.payload === undefined ? {} : { 'content-type': 'application/fhir+json' }),
        ...headers,
      },
    });
  const get = (path: string, headers: Record<string, string> = {}): Promise<InjectResponse> =>
    ask({ method: 'GET', url: path, headers });
  const link = (answer: InjectResponse, relation: string): string | undefined =>
    answer.json().link.find((one: { relation: string }) => one.relation === relation)?.url;

  it('answers pages whose links use the door of the request and never hold a token', async () => {
    const seen = new Set<string>();
    let url = '/csp/healthshare/fhirserver/fhir/r4/Patient?access_token=SECRET&name=page&_count=2';
    const door = 'http://fhir.example.org/csp/healthshare/fhirserver/fhir/r4';
    for (let page = 0; page < 3; page++) {
      const answer = await get(url);
      expect(answer.statusCode).toBe(200);
      expect(answer.body).not.toContain('SECRET');
      expect(link(answer, 'first')).toBe(`${door}/Patient?name=page&_count=2`);
      for (const entry of answer.json().entry) {
        expect(entry.fullUrl).toBe(`${door}/Patient/${entry.resource.id}`);
        expect(entry.search.mode).toBe('match');
        seen.add(entry.resource.id);
      }
      const next = link(answer, 'next');
      if (next === undefined) break;
      url = next.slice('http://fhir.example.org'.length);
    }
    expect(seen.size).toBe(5);
  });

  it('lets nobody else follow a page link, nor at another door', async () => {
    const next = link(await get('/fhir/r4/Patient?_count=2'), 'next')!.slice(
      'http://fhir.example.org'.length,
    );
    expect((await get(next)).statusCode).toBe(200);
    const { principal } = fhir.access;
    for (const other of [{ subject: 'bob' }, { clientId: 'another' }]) {
      fhir.access.principal = { ...principal, ...other };
      expect((await get(next)).statusCode).toBe(403);
    }
    fhir.access.principal = principal;
    const elsewhere = next.replace('/fhir/r4', '/csp/healthshare/fhirserver/fhir/r4');
    expect((await get(elsewhere)).statusCode).toBe(403);
    expect((await get(`${next}x`)).statusCode).toBe(400);
  });

  it('leaves an unknown parameter out with a warning, or refuses it under strict handling', async () => {
    const lenient = await get('/fhir/r4/Patient?nonsense=1&name=page');
    expect(link(lenient, 'self')).toBe(`${fhir.base}/Patient?name=page`);
    const outcome = lenient.json().entry.at(-1);
    expect(outcome.search.mode).toBe('outcome');
    expect(outcome.resource).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'warning' }],
    });
    const strict = await get('/fhir/r4/Patient?nonsense=1', { prefer: 'handling=strict' });
    expect([strict.statusCode, strict.json().resourceType]).toEqual([400, 'OperationOutcome']);
  });

  it('searches by POST with parameters of query and form, a token in the form left out', async () => {
    const answer = await ask({
      method: 'POST',
      url: '/fhir/r4/Patient/_search?_total=accurate',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'name=page&access_token=SECRET&_count=1',
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.json().total).toBe(5);
    expect(link(answer, 'self')).toBe(`${fhir.base}/Patient?_total=accurate&name=page&_count=1`);
    expect(answer.body).not.toContain('SECRET');
    const empty = await ask({ method: 'POST', url: '/fhir/r4/Patient/_search' });
    expect(empty.statusCode).toBe(200);
    const json = await ask({ method: 'POST', url: '/fhir/r4/Patient/_search', payload: '{}' });
    expect(json.statusCode).toBe(400);
  });

  it('answers 404 for a search of an unknown type', async () => {
    const answer = await get('/fhir/r4/Nonsense?x=1');
    expect([answer.statusCode, answer.json().issue[0].code]).toEqual([404, 'not-found']);
  });

  it('reads gzip bodies and bounds what they unpack to', async () => {
    const headers = { 'content-encoding': 'gzip' };
    const payload = gzipSync('{"resourceType":"Patient","active":true}');
    const answer = await ask({ method: 'POST', url: '/fhir/r4/Patient', headers, payload });
    expect([answer.statusCode, answer.json().active]).toEqual([201, true]);
    const bomb = gzipSync(Buffer.alloc(3 * 2 ** 20, 0x20));
    const large = await ask({ method: 'POST', url: '/fhir/r4/Patient', headers, payload: bomb });
    expect([large.statusCode, large.json().resourceType]).toEqual([413, 'OperationOutcome']);
    const broken = await ask({
      method: 'POST',
      url: '/fhir/r4/Patient',
      headers,
      payload: payload.subarray(0, 20),
    });
    expect(broken.statusCode).toBe(400);
    const brotli = { 'content-encoding': 'br' };
    expect(
      (await ask({ method: 'POST', url: '/fhir/r4/Patient', headers: brotli, payload })).statusCode,
    ).toBe(415);
  });

  it('refuses a body beyond the limit', async () => {
    const payload = Buffer.alloc(2 * 2 ** 20 + 1, 0x20);
    const answer = await ask({ method: 'POST', url: '/fhir/r4/Patient', payload });
    expect([answer.statusCode, answer.json().issue[0].details.coding[0].code]).toEqual([
      413,
      'HTTP_BODY_TOO_LARGE',
    ]);
  });

  it('describes itself, by the endpoint of the request', async () => {
    const answer = await get('/fhir/r4/metadata');
    expect(answer.statusCode).toBe(200);
    const statement = answer.json();
    expect(statement).toMatchObject({
      resourceType: 'CapabilityStatement',
      fhirVersion: '4.0.1',
      implementation: { url: fhir.base },
    });
    const [rest] = statement.rest;
    expect(rest.resource).toHaveLength(146);
    expect(rest.security.service[0].coding[0].code).toBe('SMART-on-FHIR');
    expect(rest.security.extension[0].extension).toContainEqual({
      url: 'token',
      valueUri: 'http://fhir.example.org/oauth2/token',
    });
    const other = (await get('/csp/healthshare/fhirserver/fhir/r4/metadata')).json();
    expect(other.implementation.url).toBe('http://fhir.example.org/csp/healthshare/fhirserver/fhir/r4');
  });

  it('has a route for every interaction that it says it supports', async () => {
    for (const { method, path } of supportedInteractions) {
      const url = `/fhir/r4${path.replace(':type', 'Patient').replace(':id', 'x').replace(':vid', '1').replace(':member', 'Observation')}`;
      const answer = await ask({ method, url });
      expect([url, answer.statusCode]).not.toEqual([url, 405]);
      expect([url, answer.body.includes('FHIR_UNKNOWN_ADDRESS')]).toEqual([url, false]);
    }
  });

  it('answers HEAD on every route as it answers GET, without the body', async () => {
    for (const { method, path } of supportedInteractions.filter((one) => one.method === 'GET')) {
      const url = `/fhir/r4${path.replace(':type', 'Patient').replace(':id', 'x').replace(':vid', '1').replace(':member', 'Observation')}`;
      const answer = await ask({ method, url });
      const head = await ask({ method: 'HEAD', url });
      expect([url, head.statusCode, head.body]).toEqual([url, answer.statusCode, '']);
      expect(head.headers['content-type']).toBe(answer.headers['content-type']);
      expect(head.headers.etag).toBe(answer.headers.etag);
    }
  });

  it('evaluates every search parameter that it says it has', async () => {
    const values: Record<string, string> = {
      date: '2020',
      number: '1',
      quantity: '1',
      reference: 'Patient/1',
      special: '1|2|3|km',
    };
    const definitions = loadDefinitions();
    const valueFor = (type: string, name: string): string => {
      if (name === '_filter') return '_id pr true';
      const parameter = definitions.searchParameter(type, name);
      if (parameter?.type !== 'composite') return values[parameter?.type ?? ''] ?? 'x';
      return parameter.components
        .map(({ definition }) => values[definitions.searchParameterByUrl(definition)?.type ?? ''] ?? 'x')
        .join('$');
    };
    const { resource } = (await get('/fhir/r4/metadata')).json().rest[0];
    for (const type of ['Patient', 'Observation', 'RiskAssessment', 'ValueSet', 'Location']) {
      const { searchParam } = resource.find((one: { type: string }) => one.type === type);
      for (const parameter of searchParam) {
        const value = encodeURIComponent(valueFor(type, parameter.name as string));
        const answer = await get(`/fhir/r4/${type}?${parameter.name}=${value}`, {
          prefer: 'handling=strict',
        });
        expect([type, parameter.name, answer.statusCode]).toEqual([type, parameter.name, 200]);
      }
    }
  });
});
