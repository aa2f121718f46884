import type { Response as InjectResponse } from 'light-my-request';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

const json = 'application/fhir+json';

interface Entry {
  readonly fullUrl?: string;
  readonly resource: { readonly resourceType: string; readonly id?: string; readonly issue?: readonly object[] };
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
  observation('first', { effectiveDateTime: '2020-03-02', encounter: to('Encounter/stay'), device: to('Device/others') }),
  observation('second', { effectiveDateTime: '2021-03-02', performer: [to('Patient/two')], device: to('Device/own') }),
  observation('third', { device: to('Device/shared') }),
  observation('others', { subject: to('Patient/two') }),
  { resourceType: 'Coverage', id: 'payer', status: 'active', beneficiary: to('Patient/one'), payor: [to('Organization/org')] },
  {
    ...{ resourceType: 'DocumentReference', id: 'report', status: 'current', subject: to('Patient/one') },
    content: [{ attachment: { url: 'Binary/scan' } }],
  },
  { resourceType: 'Group', id: 'alone', type: 'person', actual: true, member: [{ entity: to('Patient/one') }] },
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
  const record = async (path: string, body?: object): Promise<{ match: string[]; include: string[]; entry: Entry[] }> => {
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
});
