import { ClientsService } from '../../../src/clients/index.js';
import { databases } from '../../kit/databases.js';
import { passwords, type Username } from '../access/application.js';
import { Clinic, smartApp } from './clinic.js';
import type { Tokens } from './visitor.js';

const grant = 'urn:ietf:params:oauth:grant-type:device_code';
const scope = 'launch/patient launch/encounter patient/*.rs';

describe.each(databases)('a device that needs a patient, on $name', (database) => {
  let clinic: Clinic;

  beforeAll(async () => {
    clinic = await Clinic.open(await database.create());
    const { redirectUris: _none, ...rest } = smartApp;
    await clinic.world.get(ClientsService).create({ ...rest, clientId: 'pump', grantTypes: [grant] });
  });

  afterAll(() => clinic.close());

  /** From the code on the device to the page behind the sign-in. */
  const connect = async (username: Username) => {
    const visitor = clinic.visitor('pump');
    const begun = await fetch(`${clinic.world.url}/oauth2/device_authorization`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'pump', scope }),
    });
    const device = (await begun.json()) as { device_code: string; user_code: string };
    const code = await visitor.get(`${clinic.world.url}/oauth2/device`);
    const confirm = await visitor.submit(code, { user_code: device.user_code });
    const login = await visitor.submit(confirm, { confirm: 'yes' });
    const page = await visitor.signIn(login, username, passwords[username]);
    const tokens = async (): Promise<Tokens> => {
      const answer = await visitor.token({ grant_type: grant, device_code: device.device_code });
      return (await answer.json()) as Tokens;
    };
    return { visitor, page, tokens };
  };

  it('has the user pick one', async () => {
    const { visitor, page, tokens } = await connect('alice');
    expect(page.body).toContain('Choose a patient');
    const encounters = await visitor.submit(page, { patient: 'bruno' });
    const consent = await visitor.submit(encounters, { encounter: 'visit-of-bruno' });
    expect(consent.body).toContain('Bruno Keller');
    expect((await visitor.submit(consent, { decision: 'allow' })).body).toContain('Connected');
    const answer = await tokens();
    expect(answer).toMatchObject({ patient: 'bruno', encounter: 'visit-of-bruno' });
    expect(await clinic.read(answer.access_token, 'Observation')).toEqual({
      status: 200,
      ids: ['weight-of-bruno'],
    });
  });

  it('works with the own record of a patient', async () => {
    const { visitor, page, tokens } = await connect('dora');
    const consent = await visitor.submit(page, { decision: 'without' });
    expect(consent.body).toContain('Dora Meier');
    await visitor.submit(consent, { decision: 'allow' });
    expect(await tokens()).toMatchObject({ patient: 'dora' });
  });

  it('gets nothing where there is no patient that the user may see', async () => {
    const { visitor, page, tokens } = await connect('carla');
    expect(page.status).toBe(403);
    await visitor.submit(page, { decision: 'cancel' });
    expect(await tokens()).toMatchObject({ error: 'access_denied' });
  });
});
