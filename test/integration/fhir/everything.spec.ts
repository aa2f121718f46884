import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { Response as InjectResponse } from 'light-my-request';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

const json = 'application/fhir+json';

interface Entry {
  readonly fullUrl?: string;
  readonly resource: {
    readonly resourceType: string;
    readonly id?: string;
    readonly issue?: readonly object[];
  };
  readonly search: { readonly mode: string };
}

const to = (reference: string) => ({ reference });
const put = (resource: { resourceType: string; id: string }) => ({
  resource,
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
});
const observation = (id: string, more: object = {}) => ({
  ...{ resourceType: 'Observation', id, status: 'final', code: { text: 'x' } },
  subject: to('Patient/one'),
  ...more,
});

const world = [
  { resourceType: 'Organization', id: 'org', name: 'Clinic' },
  { resourceType: 'Practitioner', id: 'doc' },
  { resourceType: 'Location', id: 'ward' },
  { resourceType: 'Patient', id: 'one', managingOrganization: to('Organization/org') },
  { resourceType: 'Patient', id: 'two', link: [{ other: to('Patient/one'), type: 'seealso' }] },
  { resourceType: 'Device', id: 'own', patient: to('Patient/one') },
  { resourceType: 'Device', id: 'shared' },
  { resourceType: 'Device', id: 'others', patient: to('Patient/two') },
  { resourceType: 'Binary', id: 'scan', contentType: 'text/plain', data: 'YQ==' },
  {
    ...{ resourceType: 'Encounter', id: 'stay', status: 'finished', subject: to('Patient/one') },
    class: { code: 'AMB' },
    period: { start: '2020-03-01', end: '2020-03-05' },
    participant: [{ individual: to('Practitioner/doc') }],
    location: [{ location: to('Location/ward') }],
    diagnosis: [{ condition: to('Condition/flu') }],
  },
  { resourceType: 'Condition', id: 'flu', subject: to('Patient/one'), onsetDateTime: '2019' },
  observation('first', {
    effectiveDateTime: '2020-03-02',
    encounter: to('Encounter/stay'),
    device: to('Device/others'),
  }),
  observation('second', {
    effectiveDateTime: '2021-03-02',
    performer: [to('Patient/two')],
    device: to('Device/own'),
  }),
  observation('third', { device: to('Device/shared') }),
  observation('others', { subject: to('Patient/two') }),
  {
    resourceType: 'Coverage',
    id: 'payer',
    status: 'active',
    beneficiary: to('Patient/one'),
    payor: [to('Organization/org')],
  },
  {
    ...{ resourceType: 'DocumentReference', id: 'report', status: 'current', subject: to('Patient/one') },
    content: [{ attachment: { url: 'Binary/scan' } }],
  },
  {
    resourceType: 'Group',
    id: 'alone',
    type: 'person',
    actual: true,
    member: [{ entity: to('Patient/one') }],
  },
  {
    ...{ resourceType: 'Group', id: 'both', type: 'person', actual: true },
    member: [{ entity: to('Patient/one') }, { entity: to('Patient/two') }],
  },
  {
    ...{ resourceType: 'Provenance', id: 'where', target: [to('Observation/first')] },
    ...{ recorded: '2020-01-01T00:00:00Z', agent: [{ who: to('Practitioner/doc') }] },
  },
];

const members = [
  ...['Condition/flu', 'Coverage/payer', 'DocumentReference/report', 'Encounter/stay', 'Group/alone'],
  ...['Observation/first', 'Observation/second', 'Observation/third', 'Patient/one'],
];
const supporting = [
  ...['Binary/scan', 'Device/own', 'Device/shared', 'Location/ward', 'Organization/org', 'Practitioner/doc'],
  'Provenance/where',
];

describe.each(databases)('$everything on $name', (database) => {
  let fhir: FhirApplication;
  beforeAll(async () => {
    fhir = await fhirApplication(database);
    const answer = await ask('', { resourceType: 'Bundle', type: 'transaction', entry: world.map(put) });
    expect([answer.statusCode, answer.statusCode === 200 ? '' : answer.body]).toEqual([200, '']);
  });
  afterAll(() => fhir.app.close());
  afterEach(() => {
    fhir.access.denied.clear();
    fhir.access.narrowed = false;
  });

  const ask = (path: string, body?: object, headers: Record<string, string> = {}): Promise<InjectResponse> =>
    fhir.app.inject({
      method: body === undefined ? 'GET' : 'POST',
      url: `/fhir/r4${path === '' ? '' : `/${path}`}`,
      headers: { ...(body === undefined ? {} : { 'content-type': json }), ...headers },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
  const names = (entries: readonly Entry[], mode: string): string[] =>
    entries
      .filter(({ search }) => search.mode === mode)
      .map(({ resource }) => `${resource.resourceType}/${resource.id}`)
      .sort();
  const record = async (
    path: string,
    body?: object,
  ): Promise<{ match: string[]; include: string[]; entry: Entry[] }> => {
    const answer = await ask(path, body);
    expect([answer.statusCode, answer.statusCode === 200 ? '' : answer.body]).toEqual([200, '']);
    const { entry } = answer.json<{ entry: Entry[] }>();
    return { match: names(entry, 'match'), include: names(entry, 'include'), entry };
  };

  it('is the Patient, its compartment and what these refer to', async () => {
    const answer = await ask('Patient/one/$everything');
    const bundle = answer.json();
    expect([bundle.resourceType, bundle.type, bundle.total]).toEqual(['Bundle', 'searchset', members.length]);
    expect(bundle.entry[0]).toMatchObject({
      fullUrl: `${fhir.base}/Patient/one`,
      resource: { resourceType: 'Patient', id: 'one' },
    });
    expect(names(bundle.entry, 'match')).toEqual(members);
    expect(names(bundle.entry, 'include')).toEqual(supporting);
    expect(bundle.link.map(({ relation }: { relation: string }) => relation)).toEqual(['self', 'first']);
  });

  it('is the same by POST, with Parameters or without, and as an entry of a batch', async () => {
    const byGet = (await ask('Patient/one/$everything?_type=Observation,Practitioner')).json();
    const body = {
      resourceType: 'Parameters',
      parameter: [
        { name: '_type', valueCode: 'Observation' },
        { name: '_type', valueCode: 'Practitioner' },
      ],
    };
    const byPost = await record('Patient/one/$everything', body);
    expect(byPost.entry).toEqual(byGet.entry);
    const request = { method: 'GET', url: 'Patient/one/$everything?_type=Observation,Practitioner' };
    const batch = await ask('', { resourceType: 'Bundle', type: 'batch', entry: [{ request }] });
    expect(batch.json().entry[0].resource).toEqual(byGet);
  });

  it('has XML in the order of its schema, and less where that is asked for', async () => {
    const xml = await ask('Patient/one/$everything?_format=xml');
    expect([xml.statusCode, xml.headers['content-type']]).toEqual([
      200,
      'application/fhir+xml; charset=utf-8',
    ]);
    expect(xml.body).toMatch(/<type value="searchset"\/><total value="9"\/><link>.*<entry>/s);
    const pretty = await ask('Patient/one/$everything?_pretty=true');
    expect(pretty.body).toContain('\n  "type": "searchset"');
  });

  it('takes only the types that are asked for, also of what comes along', async () => {
    const some = await record('Patient/one/$everything?_type=Condition,Observation');
    expect(some.match).toEqual(members.filter((name) => /^(Condition|Observation)/.test(name)));
    expect(some.include).toEqual([]);
    const places = await record('Patient/one/$everything?_type=Location,Encounter');
    expect([places.match, places.include]).toEqual([['Encounter/stay'], ['Location/ward']]);
    const only = await record('Patient/one/$everything?_type=Practitioner&_type=Organization');
    expect([only.match, only.include]).toEqual([[], ['Organization/org', 'Practitioner/doc']]);
    const owner = await record('Patient/one/$everything?_type=Patient');
    expect([owner.match, owner.include]).toEqual([['Patient/one'], []]);
  });

  it('takes care between two dates, and what has no date of care', async () => {
    const undated = [
      'Coverage/payer',
      'DocumentReference/report',
      'Group/alone',
      'Observation/third',
      'Patient/one',
    ];
    const span = async (query: string) => (await record(`Patient/one/$everything?${query}`)).match;
    expect(await span('start=2020-03-02&end=2020-04-01')).toEqual(
      [...undated, 'Encounter/stay', 'Observation/first', 'Condition/flu']
        .filter((name) => name !== 'Condition/flu')
        .sort(),
    );
    expect(await span('start=2021')).toEqual([...undated, 'Observation/second'].sort());
    expect(await span('end=2019-12-31')).toEqual([...undated, 'Condition/flu'].sort());
  });

  it('takes what was written since a time', async () => {
    const before = new Date(Date.now() + 1).toISOString();
    await new Promise((resolve) => setTimeout(resolve, 5));
    const answer = await ask('', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [put(observation('third', { device: to('Device/shared'), note: [{ text: 'again' }] }))],
    });
    expect(answer.statusCode).toBe(200);
    const since = await record(`Patient/one/$everything?_since=${before}`);
    expect([since.match, since.include]).toEqual([
      ['Observation/third', 'Patient/one'],
      ['Device/shared', 'Organization/org'],
    ]);
  });

  it('comes in pages, of which each resource of the record is on one, while others write', async () => {
    const found: string[] = [];
    let url: string | undefined = 'Patient/one/$everything?_count=3';
    for (let page = 0; url !== undefined && page < 20; page += 1) {
      const answer: InjectResponse = await ask(url);
      expect(answer.statusCode).toBe(200);
      const { entry, link, total } = answer.json<{
        entry: Entry[];
        link: { relation: string; url: string }[];
        total?: number;
      }>();
      const matches = names(entry, 'match');
      expect(total).toBeUndefined();
      expect(matches.length).toBeLessThanOrEqual(3);
      found.push(...matches);
      url = link.find(({ relation }) => relation === 'next')?.url.slice(`${fhir.base}/`.length);
      const written = observation(`meanwhile-${page}`);
      // What is written meanwhile is not what was there at the start; what changes stays where it is.
      const changed = observation('first', {
        effectiveDateTime: '2020-03-02',
        encounter: to('Encounter/stay'),
        note: [{ text: String(page) }],
      });
      const entries = { resourceType: 'Bundle', type: 'transaction', entry: [put(written), put(changed)] };
      expect((await ask('', entries)).statusCode).toBe(200);
    }
    expect(found.sort()).toEqual(members);
    for (let page = 0; page < 20; page += 1) {
      await fhir.app.inject({ method: 'DELETE', url: `/fhir/r4/Observation/meanwhile-${page}` });
    }
  });

  it('holds what an encounter refers to, and its compartment', async () => {
    const stay = await record('Encounter/stay/$everything');
    expect(stay.match).toEqual(['Encounter/stay', 'Observation/first']);
    expect(stay.include).toEqual(
      ['Condition/flu', 'Location/ward', 'Patient/one', 'Practitioner/doc', 'Provenance/where'].sort(),
    );
    expect((await ask('Encounter/stay/$everything?start=2020')).statusCode).toBe(400);
  });

  it.each([
    ['Patient/one/$everything?_type=Nonsense', 'Nonsense'],
    ['Patient/one/$everything?_count=0', '_count'],
    ['Patient/one/$everything?_count=x', '_count'],
    ['Patient/one/$everything?start=yesterday', 'start'],
    ['Patient/one/$everything?start=2020&start=2021', 'start'],
    ['Patient/one/$everything?nonsense=1', 'nonsense'],
    ['Patient/one/$everything?_summary=true', '_summary'],
    ['Patient/one/$everything?_elements=id', '_elements'],
    ['Patient/one/$everything?_page=nonsense', 'page link'],
  ])('refuses %s', async (path, named) => {
    const answer = await ask(path);
    expect([answer.statusCode, answer.json().issue[0].details.text]).toEqual([
      400,
      expect.stringContaining(named),
    ]);
  });

  it('leaves an unknown parameter out where the client asks for lenient handling, and says so', async () => {
    const answer = await ask('Patient/one/$everything?nonsense=1&_summary=false', undefined, {
      prefer: 'handling=lenient',
    });
    const { entry } = answer.json<{ entry: Entry[] }>();
    expect(names(entry, 'match')).toEqual(members);
    expect(entry.at(-1)).toMatchObject({
      search: { mode: 'outcome' },
      resource: { resourceType: 'OperationOutcome' },
    });
    expect(JSON.stringify(entry.at(-1))).toContain('nonsense');
  });

  it('is there where the resource can be read, and elsewhere not', async () => {
    expect((await ask('Patient/nobody/$everything')).statusCode).toBe(404);
    expect((await ask('Patient/$everything')).statusCode).toBe(404);
    expect((await ask('Observation/first/$everything')).statusCode).toBe(404);
    await ask('', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [put({ resourceType: 'Patient', id: 'gone' })],
    });
    await fhir.app.inject({ method: 'DELETE', url: '/fhir/r4/Patient/gone' });
    expect((await ask('Patient/gone/$everything')).statusCode).toBe(410);
    fhir.access.denied.add('read Patient');
    expect((await ask('Patient/one/$everything')).statusCode).toBe(403);
    fhir.access.denied.clear();
    fhir.access.denied.add('search-type Condition').add('search-type Practitioner');
    const rest = await record('Patient/one/$everything');
    expect(rest.match).toEqual(members.filter((name) => !name.startsWith('Condition')));
    expect(rest.include).toEqual(supporting.filter((name) => !name.startsWith('Practitioner')));
    fhir.access.denied.clear();
    fhir.access.narrowed = true;
    expect((await ask('Patient/one/$everything')).statusCode).toBe(404);
  });

  describe('with what lies across records', () => {
    const encounter = (id: string, patient: string, more: object = {}) => ({
      ...{ resourceType: 'Encounter', id, status: 'finished', subject: to(patient), class: { code: 'AMB' } },
      ...more,
    });
    const condition = (id: string, subject: string, more: object = {}) => ({
      ...{ resourceType: 'Condition', id, subject: to(subject) },
      ...more,
    });
    const binary = (id: string, context?: string) => ({
      ...{ resourceType: 'Binary', id, contentType: 'text/plain', data: 'YQ==' },
      ...(context === undefined ? {} : { securityContext: to(context) }),
    });
    const document = (id: string, patient: string, ...scans: readonly string[]) => ({
      ...{ resourceType: 'DocumentReference', id, status: 'current', subject: to(patient) },
      content: scans.map((scan) => ({ attachment: { url: `Binary/${scan}` } })),
    });
    const list = (id: string) => ({
      ...{ resourceType: 'List', id, status: 'current', mode: 'working' },
      entry: [{ item: to('Patient/lists') }, { item: to('Patient/else') }],
    });
    const pagesOf = async (path: string): Promise<{ match: string[]; include: string[]; size: number }[]> => {
      const pages = [];
      let url: string | undefined = path;
      while (url !== undefined && pages.length < 20) {
        const answer: InjectResponse = await ask(url);
        expect([answer.statusCode, answer.statusCode === 200 ? '' : answer.body]).toEqual([200, '']);
        const { entry = [], link } = answer.json<{
          entry?: Entry[];
          link: { relation: string; url: string }[];
        }>();
        const next = link.find(({ relation }) => relation === 'next');
        pages.push({
          match: names(entry, 'match'),
          include: names(entry, 'include'),
          size: entry.length,
        });
        url = next?.url.slice(`${fhir.base}/`.length);
      }
      return pages;
    };
    beforeAll(async () => {
      const resources = [
        { resourceType: 'Patient', id: 'across' },
        { resourceType: 'Patient', id: 'else' },
        { resourceType: 'RelatedPerson', id: 'kin', patient: to('Patient/across') },
        { resourceType: 'RelatedPerson', id: 'stranger', patient: to('Patient/else') },
        condition('cdup', 'Patient/across', { encounter: to('Encounter/edup') }),
        condition('elses', 'Patient/else'),
        encounter('edup', 'Patient/across', {
          participant: [
            { individual: to('RelatedPerson/kin') },
            { individual: to('RelatedPerson/stranger') },
          ],
          diagnosis: [{ condition: to('Condition/cdup') }, { condition: to('Condition/elses') }],
        }),
        document('mine', 'Patient/across', 'own', 'open', 'by-document', 'of-else', 'by-elses-document'),
        document('elses', 'Patient/else', 'by-elses-document'),
        binary('own', 'Patient/across'),
        binary('open'),
        binary('by-document', 'DocumentReference/mine'),
        binary('of-else', 'Patient/else'),
        binary('by-elses-document', 'DocumentReference/elses'),
        { resourceType: 'Patient', id: 'lists' },
        observation('oldest', { subject: to('Patient/lists') }),
      ];
      // The lists are the newest, one after the other.
      for (const entry of [resources, ...['l1', 'l2', 'l3', 'l4', 'l5'].map((id) => [list(id)])]) {
        const bundle = { resourceType: 'Bundle', type: 'transaction', entry: entry.map(put) };
        const answer = await ask('', bundle);
        expect([answer.statusCode, answer.statusCode === 200 ? '' : answer.body]).toEqual([200, '']);
      }
    });

    it('has a member as such alone, also where the owner refers to it', async () => {
      const whole = await record('Encounter/edup/$everything');
      expect(whole.match).toEqual(['Condition/cdup', 'Encounter/edup']);
      expect(whole.include).toEqual(['Patient/across', 'RelatedPerson/kin']);
      const pages = await pagesOf('Encounter/edup/$everything?_count=1');
      expect(pages.map(({ match }) => match)).toEqual([['Encounter/edup'], ['Condition/cdup']]);
      expect(pages.flatMap(({ include }) => include)).not.toContain('Condition/cdup');
      const patient = await record('Patient/across/$everything');
      const all = [...patient.match, ...patient.include];
      expect(all).toContain('Condition/cdup');
      expect(new Set(all).size).toBe(all.length);
    });

    it('leaves out what is about a third person, whoever refers to it', async () => {
      const { match, include } = await record('Patient/across/$everything');
      expect(match).toEqual([
        ...['Condition/cdup', 'DocumentReference/mine', 'Encounter/edup'],
        ...['Patient/across', 'RelatedPerson/kin'],
      ]);
      expect(include).toEqual(['Binary/by-document', 'Binary/open', 'Binary/own']);
    });

    it('has no empty page before its end, however many of its members stay out', async () => {
      for (const count of [1, 2, 3]) {
        const pages = await pagesOf(`Patient/lists/$everything?_count=${count}`);
        expect(pages.flatMap(({ match }) => match).sort()).toEqual(['Observation/oldest', 'Patient/lists']);
        expect(pages.map(({ size }) => size > 0)).toEqual(pages.map(() => true));
      }
    });
  });

  it('says how it is called', async () => {
    const { rest } = (await ask('metadata')).json();
    const of = (type: string) =>
      rest[0].resource
        .find((one: { type: string }) => one.type === type)
        .operation.filter(({ name }: { name: string }) => name === 'everything');
    expect(of('Patient')).toEqual([
      { name: 'everything', definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything' },
    ]);
    expect(of('Encounter')).toEqual([
      { name: 'everything', definition: 'http://hl7.org/fhir/OperationDefinition/Encounter-everything' },
    ]);
    expect(of('Observation')).toEqual([]);
  });
});

describe.each(databases)('a long record on $name', (database) => {
  let fhir: FhirApplication;
  beforeAll(async () => {
    fhir = await fhirApplication(database, { FIREKEEP_VALIDATION: 'off' });
    const all = Array.from({ length: 2_400 }, (_, n) => observation(`o${n}`));
    for (let start = 0; start < all.length; start += 800) {
      const entry = [put({ resourceType: 'Patient', id: 'one' }), ...all.slice(start, start + 800).map(put)];
      const answer = await fhir.app.inject({
        method: 'POST',
        url: '/fhir/r4',
        headers: { 'content-type': json },
        payload: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }),
      });
      expect(answer.statusCode).toBe(200);
    }
  });
  afterAll(() => fhir.app.close());

  it('is sent while it is read, and compressed on the way', async () => {
    const plain = await fhir.app.inject({ url: '/fhir/r4/Patient/one/$everything' });
    expect(plain.headers['content-length']).toBeUndefined();
    expect(plain.json().total).toBe(2_401);
    expect(new Set(plain.json().entry.map(({ fullUrl }: Entry) => fullUrl)).size).toBe(2_401);
    for (const [encoding, decode] of [
      ['gzip', gunzipSync],
      ['br', brotliDecompressSync],
    ] as const) {
      const packed = await fhir.app.inject({
        url: '/fhir/r4/Patient/one/$everything',
        headers: { 'accept-encoding': encoding },
      });
      expect(packed.headers['content-encoding']).toBe(encoding);
      expect(decode(packed.rawPayload).toString()).toBe(plain.body);
    }
    const head = await fhir.app.inject({ method: 'HEAD', url: '/fhir/r4/Patient/one/$everything' });
    expect([head.statusCode, head.body]).toEqual([200, '']);
  });
});
