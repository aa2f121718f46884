import { ClinicModule } from '../../../examples/extension/clinic.module.js';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

const loinc = 'http://loinc.org';
const tag = { system: 'https://clinic.example.org/tags', code: 'performer-checked' };

describe.each(databases)('the sample extension on $name', (database) => {
  let fhir: FhirApplication;
  beforeAll(async () => {
    fhir = await fhirApplication(database, {}, [ClinicModule]);
  });
  afterAll(() => fhir.app.close());
  afterEach(() => fhir.access.denied.clear());

  async function send(method: 'GET' | 'PUT' | 'POST', path: string, body?: object) {
    const { statusCode, body: text } = await fhir.app.inject({
      method,
      url: `/fhir/r4${path}`,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/fhir+json' }, payload: JSON.stringify(body) }),
    });
    return { status: statusCode, body: JSON.parse(text) };
  }

  const observation = (more: object) => ({
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: loinc, code: '8302-2' }] },
    performer: [{ display: 'School nurse' }],
    ...more,
  });
  const height = (patient: string, effectiveDateTime: string, value: number) =>
    observation({
      subject: { reference: `Patient/${patient}` },
      effectiveDateTime,
      valueQuantity: { value, unit: 'cm', system: 'http://unitsofmeasure.org', code: 'cm' },
    });

  it('refuses an Observation that names no performer, and tags one that does', async () => {
    const refused = await send('POST', '/Observation', observation({ performer: undefined }));
    expect(refused).toMatchObject({
      status: 422,
      body: { issue: [{ code: 'business-rule', expression: ['Observation.performer'] }] },
    });
    expect(await send('POST', '/Observation', observation({}))).toMatchObject({
      status: 201,
      body: { meta: { tag: [tag] } },
    });
    expect((await send('GET', `/Observation?_tag=${tag.system}|${tag.code}`)).body.entry).toHaveLength(1);
  });

  it('finds patients by the name of a contact', async () => {
    const contact = [{ name: { family: 'García', given: ['Ana'] } }];
    await send('PUT', '/Patient/contacted', { resourceType: 'Patient', id: 'contacted', contact });
    expect((await send('GET', '/Patient?contact-name=garcia')).body.entry).toHaveLength(1);
    expect((await send('GET', '/Patient?contact-name=jones')).body.entry).toBeUndefined();
  });

  it('sums up how a patient has grown', async () => {
    await send('PUT', '/Patient/grown', { resourceType: 'Patient', id: 'grown' });
    await send('POST', '/Observation', height('grown', '2024-01-01', 101.5));
    await send('POST', '/Observation', height('grown', '2025-01-01', 107.2));
    await send('POST', '/Observation', height('other', '2025-06-01', 180));
    const { status, body } = await send('GET', '/Patient/grown/$growth-summary');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'height',
          part: [
            { name: 'latest', valueQuantity: { value: 107.2, unit: 'cm' } },
            { name: 'date', valueDateTime: '2025-01-01' },
            { name: 'difference', valueQuantity: { value: 5.7 } },
          ],
        },
      ],
    });
  });

  it('reads no more than the caller may', async () => {
    await send('PUT', '/Patient/private', { resourceType: 'Patient', id: 'private' });
    fhir.access.denied.add('search-type Observation');
    expect((await send('GET', '/Patient/private/$growth-summary')).status).toBe(403);
    fhir.access.denied.clear();
    fhir.access.denied.add('read Patient');
    expect((await send('GET', '/Patient/private/$growth-summary')).status).toBe(403);
  });

  it('answers 404 for a patient that is not there, and 400 for parameters that the operation does not have', async () => {
    expect((await send('GET', '/Patient/nobody/$growth-summary')).status).toBe(404);
    expect((await send('GET', '/Patient/nobody/$growth-summary?since=2020')).status).toBe(400);
  });

  it('is in the CapabilityStatement', async () => {
    const { body } = await send('GET', '/metadata');
    const types: { type: string; operation: object[]; searchParam: object[] }[] = body.rest[0].resource;
    const patient = types.find(({ type }) => type === 'Patient');
    expect(patient?.operation).toContainEqual(expect.objectContaining({ name: 'growth-summary' }));
    expect(patient?.searchParam).toContainEqual(expect.objectContaining({ name: 'contact-name' }));
    expect(types.find(({ type }) => type === 'Group')?.operation).not.toContainEqual(
      expect.objectContaining({ name: 'growth-summary' }),
    );
  });
});
