import { Inject, Module, type Type } from '@nestjs/common';
import {
  FhirExtensionModule,
  SearchParameters,
  type SearchParameterRegistration,
} from '../../../src/fhir/index.js';
import { databases, type TestDatabase } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

const contactName: SearchParameterRegistration = {
  code: 'contact-name',
  url: 'http://example.org/SearchParameter/contact-name',
  base: ['Patient'],
  type: 'string',
  expression: 'Patient.contact.name',
};

/** An extension that registers these. */
function extension(...registrations: readonly SearchParameterRegistration[]): Type {
  @Module({ imports: [FhirExtensionModule] })
  class Parameters {
    constructor(@Inject(SearchParameters) parameters: SearchParameters) {
      for (const registration of registrations) parameters.register(registration);
    }
  }
  return Parameters;
}

/** Starts that follow one another on one database. */
class Starts {
  private url: Promise<string> | undefined;
  private running: FhirApplication | undefined;

  constructor(private readonly database: TestDatabase) {}

  async with(...registrations: readonly SearchParameterRegistration[]): Promise<FhirApplication> {
    await this.running?.app.close();
    this.url ??= this.database.create();
    const { url } = this;
    const database = { name: this.database.name, create: () => url };
    return (this.running = await fhirApplication(database, {}, [extension(...registrations)]));
  }

  async stop(): Promise<void> {
    await this.running?.app.close();
  }
}

async function create(fhir: FhirApplication, family: string): Promise<void> {
  const { statusCode } = await fhir.app.inject({
    method: 'POST',
    url: '/fhir/r4/Patient',
    headers: { 'content-type': 'application/fhir+json' },
    payload: JSON.stringify({ resourceType: 'Patient', contact: [{ name: { family } }] }),
  });
  expect(statusCode).toBe(201);
}

async function search(fhir: FhirApplication, query: string, headers: Record<string, string> = {}) {
  const { statusCode, body } = await fhir.app.inject({
    method: 'GET',
    url: `/fhir/r4/Patient?${query}`,
    headers,
  });
  return { status: statusCode, body: JSON.parse(body) };
}

async function listed(fhir: FhirApplication): Promise<unknown> {
  const { body } = await fhir.app.inject({ method: 'GET', url: '/fhir/r4/metadata' });
  const [patient] = JSON.parse(body).rest[0].resource.filter(
    (one: { type: string }) => one.type === 'Patient',
  );
  return patient.searchParam.find((one: { name: string }) => one.name === 'contact-name');
}

const incomplete = {
  status: 400,
  body: { issue: [{ code: 'incomplete', details: { coding: [{ code: 'FHIR_SEARCH_INCOMPLETE_INDEX' }] } }] },
};

describe.each(databases)('search parameters of an extension on $name', (database) => {
  let starts: Starts;
  beforeEach(() => (starts = new Starts(database)));
  afterEach(() => starts.stop());

  it('finds what was written since the first start, also after further starts, and says so', async () => {
    const first = await starts.with(contactName);
    await create(first, 'García');
    await create(first, 'Jones');
    const again = await starts.with(contactName);
    expect((await search(again, 'contact-name=garcia')).body.entry).toHaveLength(1);
    expect((await search(again, '_sort=contact-name')).body.entry).toHaveLength(2);
    expect(await listed(again)).toEqual({
      name: 'contact-name',
      definition: contactName.url,
      type: 'string',
    });
    expect(
      (await search(await starts.with(), 'contact-name=garcia', { prefer: 'handling=strict' })).status,
    ).toBe(400);
  });

  it('refuses where there are older resources, and does not list it', async () => {
    await create(await starts.with(), 'Old');
    const fhir = await starts.with(contactName);
    await create(fhir, 'New');
    expect(await search(fhir, 'contact-name=new')).toMatchObject(incomplete);
    expect(await search(fhir, '_sort=contact-name')).toMatchObject(incomplete);
    expect(await listed(fhir)).toBeUndefined();
    expect(await search(await starts.with(contactName), 'contact-name=new')).toMatchObject(incomplete);
  });

  it('answers with a warning instead where the extension says so, but never conditional interactions', async () => {
    await create(await starts.with(), 'Old');
    const fhir = await starts.with({ ...contactName, whenIncomplete: 'warn' });
    await create(fhir, 'New');
    const { status, body } = await search(fhir, 'contact-name=new');
    expect(status).toBe(200);
    expect(body.entry).toMatchObject([
      { search: { mode: 'match' } },
      { search: { mode: 'outcome' }, resource: { issue: [{ severity: 'warning', code: 'incomplete' }] } },
    ]);
    expect(await listed(fhir)).toMatchObject({ documentation: expect.stringContaining('not found') });
    expect(await search(fhir, 'contact-name=new', { prefer: 'handling=strict' })).toMatchObject(incomplete);
    const conditional = await fhir.app.inject({
      method: 'POST',
      url: '/fhir/r4/Patient',
      headers: { 'content-type': 'application/fhir+json', 'if-none-exist': 'contact-name=old' },
      payload: '{"resourceType":"Patient"}',
    });
    expect(conditional.statusCode).toBe(400);
  });

  it('counts a parameter as a new one after a start without it, or with another expression', async () => {
    await create(await starts.with(contactName), 'First');
    await starts.with();
    expect(await search(await starts.with(contactName), 'contact-name=first')).toMatchObject(incomplete);
    const other = { ...contactName, expression: 'Patient.contact.name.family' };
    expect(await search(await starts.with(other), 'contact-name=first')).toMatchObject(incomplete);
  });
});
