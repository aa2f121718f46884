import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { InjectOptions, Response as InjectResponse } from 'light-my-request';
import { loadDefinitions } from '../../../src/fhir/index.js';
import { compileValidator } from '../../../src/fhir/validation/index.js';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

interface Resource {
  readonly type: string;
  readonly interaction: readonly { readonly code: string }[];
  readonly operation: readonly { readonly name: string; readonly definition: string }[];
  readonly searchInclude?: readonly string[];
  readonly searchRevInclude?: readonly string[];
  readonly updateCreate: boolean;
  readonly conditionalUpdate: boolean;
  readonly conditionalDelete: string;
}

type Request = readonly [method: NonNullable<InjectOptions['method']>, path: string];

/** How each interaction of a type, and of the system, is asked for. */
const requests: Readonly<Record<string, (type: string) => Request>> = {
  read: (type) => ['GET', `/${type}/none`],
  vread: (type) => ['GET', `/${type}/none/_history/1`],
  update: (type) => ['PUT', `/${type}/none`],
  patch: (type) => ['PATCH', `/${type}/none`],
  delete: (type) => ['DELETE', `/${type}/none`],
  'history-instance': (type) => ['GET', `/${type}/none/_history`],
  'history-type': (type) => ['GET', `/${type}/_history?_count=1`],
  create: (type) => ['POST', `/${type}`],
  'search-type': (type) => ['GET', `/${type}?_count=0`],
};
const systemRequests: Readonly<Record<string, Request>> = {
  transaction: ['POST', ''],
  batch: ['POST', ''],
  'search-system': ['GET', '?_count=0'],
  'history-system': ['GET', '/_history?_count=1'],
};

describe.each(databases)('the CapabilityStatement on $name', (database) => {
  let fhir: FhirApplication;
  let statement: {
    readonly format: readonly string[];
    readonly patchFormat: readonly string[];
    readonly rest: readonly [
      {
        readonly resource: readonly Resource[];
        readonly interaction: readonly { readonly code: string }[];
        readonly operation: readonly { readonly name: string }[];
        readonly compartment: readonly string[];
      },
    ];
  };
  beforeAll(async () => {
    fhir = await fhirApplication(database);
    statement = (await ask('GET', '/metadata')).json();
  });
  afterAll(() => fhir.app.close());

  const ask = (
    method: NonNullable<InjectOptions['method']>,
    path: string,
    headers: Record<string, string> = {},
    payload?: string,
    application = fhir,
  ): Promise<InjectResponse> =>
    application.app.inject({
      method,
      url: `/fhir/r4${path}`,
      headers,
      ...(payload === undefined ? {} : { payload }),
    });
  const codesOf = (list: readonly { readonly code: string }[]): readonly string[] =>
    list.map(({ code }) => code);
  const codeOf = (answer: InjectResponse): unknown => answer.json().issue?.[0]?.details?.coding?.[0]?.code;
  /** Whether a route took the request, whatever it thought of it. */
  const isTaken = (answer: InjectResponse): boolean =>
    answer.statusCode !== 405 && (answer.statusCode !== 404 || codeOf(answer) !== 'FHIR_UNKNOWN_ADDRESS');

  it.each(['full', 'normative', 'terminology'])('is valid FHIR in mode %s', async (mode) => {
    const validate = compileValidator(loadDefinitions());
    const answer = await ask('GET', `/metadata?mode=${mode}`);
    expect(answer.statusCode).toBe(200);
    const issues = validate(answer.json(), { mode: 'full' });
    expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('has its normative portions and terminology apart, and no other mode', async () => {
    const normative = (await ask('GET', '/metadata?mode=normative')).json();
    expect(Object.keys(normative.rest[0].resource[0])).toEqual([
      'type',
      'profile',
      'interaction',
      'searchParam',
      'operation',
    ]);
    expect(normative.rest[0].security).toBeUndefined();
    const terminology = await ask('GET', '/metadata?mode=terminology&_format=xml');
    expect(terminology.body).toContain('<TerminologyCapabilities');
    const unknown = await ask('GET', '/metadata?mode=all');
    expect([unknown.statusCode, codeOf(unknown)]).toEqual([400, 'FHIR_CAPABILITY_MODE']);
  });

  it('names the interactions of every type that are taken, and no others', async () => {
    const [{ resource }] = statement.rest;
    expect(resource.map(({ type }) => type)).toEqual(loadDefinitions().resourceTypes);
    for (const { type, interaction } of resource) {
      const listed = codesOf(interaction);
      expect(listed.filter((code) => requests[code] === undefined)).toEqual([]);
      for (const [code, request] of Object.entries(requests)) {
        const [method, path] = request(type);
        expect([type, code, isTaken(await ask(method, path))]).toEqual([type, code, listed.includes(code)]);
      }
    }
  });

  it('names the interactions of the system that are taken, and no others', async () => {
    const listed = codesOf(statement.rest[0].interaction);
    expect(listed.filter((code) => systemRequests[code] === undefined)).toEqual([]);
    for (const [code, [method, path]] of Object.entries(systemRequests)) {
      expect([code, isTaken(await ask(method, path))]).toEqual([code, listed.includes(code)]);
    }
  });

  it('names the formats that answers have', async () => {
    for (const format of statement.format) {
      const answer = await ask('GET', `/Patient?_count=0&_format=${encodeURIComponent(format)}`);
      expect([format, answer.statusCode]).toEqual([format, 200]);
      expect(answer.headers['content-type']).toContain(format.split('/').at(-1)!.replace('fhir+', ''));
    }
    for (const format of ['ttl', 'text/turtle', 'html']) {
      expect((await ask('GET', `/Patient?_format=${format}`)).statusCode).toBe(406);
    }
  });

  it('names the formats that patches have', async () => {
    const send = async (type: string): Promise<number> =>
      (await ask('PATCH', '/Patient/none', { 'content-type': type }, '[]')).statusCode;
    for (const type of statement.patchFormat) expect([type, await send(type)]).not.toEqual([type, 415]);
    for (const type of ['application/merge-patch+json', 'application/xml-patch+xml']) {
      expect([type, await send(type)]).toEqual([type, 415]);
    }
  });

  it('names the operations that are called, with their definitions, and no others', async () => {
    const [{ resource, operation }] = statement.rest;
    const isCalled = async (path: string): Promise<boolean> =>
      codeOf(
        await ask('POST', path, { 'content-type': 'application/fhir+json' }, '{"resourceType":"Basic"}'),
      ) !== 'FHIR_UNKNOWN_OPERATION';
    const names = ['validate', 'meta', 'meta-add', 'meta-delete', 'everything', 'expand', 'lookup', 'export'];
    for (const { type, operation: ofType } of resource.slice(0, 5)) {
      for (const name of names) {
        const called = (await isCalled(`/${type}/$${name}`)) || (await isCalled(`/${type}/none/$${name}`));
        const listed = ofType.find((one) => one.name === name);
        expect([type, name, called]).toEqual([type, name, listed !== undefined]);
        if (listed)
          expect(listed.definition).toBe(`http://hl7.org/fhir/OperationDefinition/Resource-${name}`);
      }
    }
    for (const name of names) {
      expect([name, await isCalled(`/$${name}`)]).toEqual([name, operation.some((one) => one.name === name)]);
    }
  });

  it('names includes only where they are evaluated', async () => {
    const patient = statement.rest[0].resource.find(({ type }) => type === 'Patient')!;
    for (const [name, listed] of [
      ['_include', patient.searchInclude],
      ['_revinclude', patient.searchRevInclude],
    ] as const) {
      for (const value of listed ?? []) {
        expect((await ask('GET', `/Patient?${name}=${value}`)).statusCode).toBe(200);
      }
      if (listed === undefined) {
        expect((await ask('GET', `/Patient?${name}=Patient:organization`)).statusCode).toBe(400);
      }
    }
  });

  it('names the compartments that are searched', async () => {
    const compartments = statement.rest[0].compartment ?? [];
    for (const url of compartments) {
      const type = loadDefinitions().resourceTypes.find((one) => url.endsWith(`/${one.toLowerCase()}`))!;
      const answer = await ask('GET', `/${type}/none/Observation?_count=0`);
      expect([url, isTaken(answer)]).toEqual([url, true]);
    }
  });

  it.each([
    ['true', 201, 'multiple', 204],
    ['false', 405, 'single', 412],
  ])('says what the settings make of writes (%s)', async (setting, created, deletion, deleted) => {
    const other = await fhirApplication(database, {
      FIREKEEP_UPDATE_CREATE: setting,
      FIREKEEP_CONDITIONAL_DELETE_MULTIPLE: setting,
    });
    const json = { 'content-type': 'application/fhir+json' };
    const send = (...args: readonly [Request[0], string, string?]): Promise<InjectResponse> =>
      ask(args[0], args[1], args[2] === undefined ? {} : json, args[2], other);
    const { resource } = (await send('GET', '/metadata')).json().rest[0];
    const group = resource.find(({ type }: Resource) => type === 'Patient') as Resource;
    expect([group.updateCreate, group.conditionalUpdate, group.conditionalDelete]).toEqual([
      setting === 'true',
      true,
      deletion,
    ]);
    const put = await send('PUT', '/Patient/chosen', '{"resourceType":"Patient","id":"chosen"}');
    expect(put.statusCode).toBe(created);
    for (let time = 0; time < 2; time++) {
      await send('POST', '/Patient', '{"resourceType":"Patient","identifier":[{"value":"twice"}]}');
    }
    expect((await send('DELETE', '/Patient?identifier=twice')).statusCode).toBe(deleted);
    await other.app.close();
  });

  describe('and every other large answer', () => {
    it.each([
      ['gzip', gunzipSync],
      ['br', brotliDecompressSync],
    ] as const)('comes as %s where that is accepted', async (encoding, decompress) => {
      for (let time = 0; time < 2; time++) {
        const answer = await ask('GET', '/metadata', { 'accept-encoding': `${encoding}, identity;q=0.5` });
        expect(answer.headers['content-encoding']).toBe(encoding);
        expect(answer.headers.vary).toBe('Accept, Accept-Encoding');
        expect(Number(answer.headers['content-length'])).toBe(answer.rawPayload.length);
        expect(JSON.parse(decompress(answer.rawPayload).toString())).toEqual(statement);
      }
      const xml = await ask('GET', '/metadata?_format=xml', { 'accept-encoding': encoding });
      expect(decompress(xml.rawPayload).toString()).toMatch(/^<\?xml[^]*<\/CapabilityStatement>$/);
    });

    it('keeps its weak entity tag, and small ones stay as they are', async () => {
      const json = { 'content-type': 'application/fhir+json', 'accept-encoding': 'br' };
      const display = 'x'.repeat(2000);
      const body = `{"resourceType":"Basic","id":"large","code":{"text":"${display}"}}`;
      await ask('PUT', '/Basic/large', json, body);
      const large = await ask('GET', '/Basic/large', { 'accept-encoding': 'br' });
      expect([large.headers['content-encoding'], large.headers.etag]).toEqual(['br', 'W/"1"']);
      const unchanged = await ask('GET', '/Basic/large', {
        'accept-encoding': 'br',
        'if-none-match': 'W/"1"',
      });
      expect([unchanged.statusCode, unchanged.headers['content-encoding']]).toEqual([304, undefined]);
      const small = await ask('GET', '/Basic/none', { 'accept-encoding': 'br' });
      expect(small.headers['content-encoding']).toBeUndefined();
    });

    it('is not compressed for another site that has a browser send Basic credentials', async () => {
      const headers = { 'accept-encoding': 'gzip', 'sec-fetch-site': 'cross-site' };
      const led = await ask('GET', '/metadata', { ...headers, authorization: 'Basic eDp5' });
      expect(led.headers['content-encoding']).toBeUndefined();
      const own = await ask('GET', '/metadata', { ...headers, authorization: 'Bearer x' });
      expect(own.headers['content-encoding']).toBe('gzip');
    });
  });
});
