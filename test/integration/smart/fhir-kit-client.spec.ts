import { Client } from 'fhir-kit-client';
import { databases } from '../../kit/databases.js';
import { Clinic } from './clinic.js';

describe.each(databases)('fhir-kit-client on $name', (database) => {
  let clinic: Clinic;

  beforeAll(async () => {
    clinic = await Clinic.open(await database.create());
  });

  afterAll(() => clinic.close());

  it('finds the authorization server and works with the token of a launch', async () => {
    const baseUrl = clinic.world.base('/fhir/r4');
    const client = new Client({ baseUrl });
    const { authorizeUrl, tokenUrl } = await client.smartAuthMetadata();
    expect(authorizeUrl?.href).toBe(`${clinic.world.url}/oauth2/authorize`);
    expect(tokenUrl?.href).toBe(`${clinic.world.url}/oauth2/token`);
    await expect(client.read({ resourceType: 'Patient', id: 'anna' })).rejects.toMatchObject({
      response: { status: 401 },
    });

    const tokens = await clinic.standalone('launch/patient patient/*.cruds', 'anna');
    client.bearerToken = tokens.access_token;
    const patient = await client.read({ resourceType: 'Patient', id: tokens.patient ?? '' });
    expect(patient).toMatchObject({ id: 'anna', birthDate: '1974-12-25' });
    const bundle = await client.search({ resourceType: 'Observation', searchParams: { status: 'final' } });
    expect(bundle).toMatchObject({ total: 1, entry: [{ resource: { id: 'weight-of-anna' } }] });
    const observation = { resourceType: 'Observation', status: 'final', code: { text: 'Height' } };
    const created = await client.create({
      resourceType: 'Observation',
      body: { ...observation, subject: { reference: 'Patient/anna' } },
    });
    expect(created).toMatchObject({ code: { text: 'Height' } });
    await expect(
      client.create({
        resourceType: 'Observation',
        body: { ...observation, subject: { reference: 'Patient/bruno' } },
      }),
    ).rejects.toMatchObject({ response: { status: 403 } });
    await expect(client.read({ resourceType: 'Patient', id: 'bruno' })).rejects.toMatchObject({
      response: { status: 404 },
    });
  });
});
