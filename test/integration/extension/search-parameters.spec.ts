import { Module, type Type } from '@nestjs/common';
import {
  FhirExtensionModule,
  SearchParameters,
  StoreCheck,
  type SearchParameterRegistration,
} from '../../../src/fhir/index.js';
import { Database } from '../../../src/platform/database/index.js';
import { databases, type TestDatabase } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

/** Each test has a type of its own, so that one database, which takes a while to be made, will do. */
function photoTitle(type: string): SearchParameterRegistration {
  return {
    code: 'photo-title',
    url: `http://example.org/SearchParameter/${type}-photo-title`,
    base: [type],
    type: 'string',
    expression: `${type}.photo.title`,
  };
}

/** An extension that registers these. */
function extension(...registrations: readonly SearchParameterRegistration[]): Type {
  @Module({ imports: [FhirExtensionModule] })
  class Parameters {
    constructor(parameters: SearchParameters) {
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
    const database = { ...this.database, create: () => url };
    return (this.running = await fhirApplication(database, {}, [extension(...registrations)]));
  }

  async stop(): Promise<void> {
    await this.running?.app.close();
  }
}

/** Requests of one resource type. */
function requests(fhir: FhirApplication, type: string) {
  const url = `/fhir/r4/${type}`;
  const post = (resource: object, headers: Record<string, string> = {}) =>
    fhir.app.inject({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/fhir+json', ...headers },
      payload: JSON.stringify({ resourceType: type, ...resource }),
    });
  return {
    post,
    async create(title: string): Promise<void> {
      const attachment = { title };
      const { statusCode } = await post({ photo: type === 'Person' ? attachment : [attachment] });
      expect(statusCode).toBe(201);
    },
    async search(query: string, headers: Record<string, string> = {}) {
      const { statusCode, body } = await fhir.app.inject({ method: 'GET', url: `${url}?${query}`, headers });
      return { status: statusCode, body: JSON.parse(body) };
    },
    async listed(): Promise<unknown> {
      const { body } = await fhir.app.inject({ method: 'GET', url: '/fhir/r4/metadata' });
      const resources: { type: string; searchParam: { name: string }[] }[] =
        JSON.parse(body).rest[0].resource;
      const [found] = resources.filter((one) => one.type === type);
      return found?.searchParam.find(({ name }) => name === 'photo-title');
    },
  };
}

async function findings({ app }: FhirApplication): Promise<unknown[]> {
  const found: unknown[] = [];
  await app.get(StoreCheck, { strict: false }).run({ finding: (one) => found.push(one) });
  return found;
}

const incomplete = {
  status: 400,
  body: { issue: [{ code: 'incomplete', details: { coding: [{ code: 'FHIR_SEARCH_INCOMPLETE_INDEX' }] } }] },
};

describe.each(databases)('search parameters of an extension on $name', (database) => {
  const starts = new Starts(database);
  const strict = { prefer: 'handling=strict' };
  afterAll(() => starts.stop());

  it('finds what was written since the first start, also after further starts, and says so', async () => {
    const type = 'Patient';
    const parameter = photoTitle(type);
    const first = requests(await starts.with(parameter), type);
    await first.create('Málaga');
    await first.create('Berlin');
    const again = requests(await starts.with(parameter), type);
    expect((await again.search('photo-title=malaga')).body.entry).toHaveLength(1);
    expect((await again.search('_sort=photo-title')).body.entry).toHaveLength(2);
    expect(await again.listed()).toEqual({ name: 'photo-title', definition: parameter.url, type: 'string' });
    const application = await starts.with();
    expect(await findings(application)).toEqual([]);
    const without = requests(application, type);
    expect((await without.search('photo-title=malaga', strict)).status).toBe(400);
  });

  it('is verified by the check where the index is complete and the extension is there', async () => {
    const type = 'PractitionerRole';
    const parameter = { ...photoTitle(type), expression: `${type}.availabilityExceptions` };
    const application = await starts.with(parameter);
    await requests(application, type).post({ availabilityExceptions: 'Closed' });
    expect(await findings(application)).toEqual([]);
    const database = application.app.get(Database);
    await database.write((manager) =>
      manager.query(`DELETE FROM index_string WHERE param IN (SELECT p.id FROM fhir_parameter p
        JOIN fhir_type t ON t.id = p.type WHERE t.name = '${type}' AND p.code = 'photo-title')`),
    );
    expect(await findings(application)).toMatchObject([
      { kind: 'index-missing', detail: expect.stringContaining('photo-title') },
    ]);
    // Neither without the extension nor with another definition is it known what should be there.
    expect(await findings(await starts.with())).toEqual([]);
    expect(await findings(await starts.with({ ...parameter, expression: `${type}.id` }))).toEqual([]);
  });

  it('refuses where there are older resources, and does not list it', async () => {
    const type = 'Practitioner';
    await requests(await starts.with(), type).create('Old');
    const fhir = requests(await starts.with(photoTitle(type)), type);
    await fhir.create('New');
    expect(await fhir.search('photo-title=new')).toMatchObject(incomplete);
    expect(await fhir.search('_sort=photo-title')).toMatchObject(incomplete);
    expect(await fhir.listed()).toBeUndefined();
    const again = requests(await starts.with(photoTitle(type)), type);
    expect(await again.search('photo-title=new')).toMatchObject(incomplete);
  });

  it('answers with a warning instead where the extension says so, but never conditional interactions', async () => {
    const type = 'Person';
    await requests(await starts.with(), type).create('Old');
    const fhir = requests(await starts.with({ ...photoTitle(type), whenIncomplete: 'warn' }), type);
    await fhir.create('New');
    const { status, body } = await fhir.search('photo-title=new');
    expect(status).toBe(200);
    expect(body.entry).toMatchObject([
      { search: { mode: 'match' } },
      { search: { mode: 'outcome' }, resource: { issue: [{ severity: 'warning', code: 'incomplete' }] } },
    ]);
    expect(await fhir.listed()).toMatchObject({ documentation: expect.stringContaining('not found') });
    expect(await fhir.search('photo-title=new', strict)).toMatchObject(incomplete);
    expect((await fhir.post({}, { 'if-none-exist': 'photo-title=old' })).statusCode).toBe(400);
  });

  it('counts a parameter as a new one after a start without it, or with another expression', async () => {
    const type = 'RelatedPerson';
    const parameter = photoTitle(type);
    const patient = { patient: { display: 'A patient' } };
    const first = requests(await starts.with(parameter), type);
    expect((await first.post({ ...patient, photo: [{ title: 'First' }] })).statusCode).toBe(201);
    await starts.with();
    const again = requests(await starts.with(parameter), type);
    expect(await again.search('photo-title=first')).toMatchObject(incomplete);
    // Values of the former expression are in the index, so that a warning would not do.
    const other: SearchParameterRegistration = {
      ...parameter,
      expression: `${type}.photo.contentType`,
      whenIncomplete: 'warn',
    };
    expect(await requests(await starts.with(other), type).search('photo-title=first')).toMatchObject(
      incomplete,
    );
  });
});
