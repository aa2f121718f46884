import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { UsersService } from '../../../src/users/index.js';
import { databases } from '../../kit/databases.js';
import { send } from '../../kit/http.js';
import { addClient, addUsers, password, publicClient, start } from '../oauth2/application.js';
import { answerOf, authorizationRequest, basic, Browser, postForm, tokensFor } from '../oauth2/browser.js';

const aud = 'https://records.example.net/fhir';
const scope = 'openid fhirUser launch/patient launch/encounter patient/*.rs';

/** An authorization server whose resource servers keep the records. */
describe.each(databases)('a launch for records elsewhere on $name', (database) => {
  let app: NestFastifyApplication;
  let secret: string;

  beforeAll(async () => {
    app = await start(await database.create(), { role: 'authorization-server' });
    await addUsers(app);
    const dora = { username: 'dora', password, roles: ['patient'], fhirUser: 'Patient/dora' };
    await app.get(UsersService, { strict: false }).create(dora);
    await addClient(app, { ...publicClient, scope: `${scope} launch offline_access user/*.rs` });
    secret = await addClient(app, { clientId: 'records', resource: [aud] });
    await app.get(UsersService, { strict: false }).create({
      ...{ username: 'ehr', password, roles: ['admin'] },
    });
  });

  afterAll(() => app.close());

  const claimsOf = (token: string): Record<string, unknown> =>
    JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

  it('lets a patient work with the own record', async () => {
    const tokens = await tokensFor(app, { scope, aud }, 'dora');
    expect(tokens).toMatchObject({ patient: 'dora' });
    expect(claimsOf(tokens.access_token)).toMatchObject({ patient: 'dora', aud });
    expect(tokens.scope.split(' ')).toContain('launch/patient');
    expect(tokens.scope.split(' ')).not.toContain('launch/encounter');
    const answer = await postForm(
      app,
      '/oauth2/introspection',
      { token: tokens.access_token },
      basic('records', secret),
    );
    expect(answer.json()).toMatchObject({ active: true, patient: 'dora' });
  });

  it('grants nobody else a context that it can’t ask for', async () => {
    const tokens = await tokensFor(app, { scope, aud }, 'alice');
    expect(tokens).not.toHaveProperty('patient');
    expect(claimsOf(tokens.access_token)).not.toHaveProperty('patient');
    expect(tokens.scope.split(' ').toSorted()).toEqual(['fhirUser', 'openid', 'patient/*.rs']);
  });

  it('takes the patient of a launch from an EHR', async () => {
    const make = async (username: string) => {
      const answer = await send(app, {
        method: 'POST',
        url: '/admin/api/v1/launches',
        headers: { ...basic('ehr', password), 'content-type': 'application/json' },
        payload: { username, clientId: 'growth-app', endpoint: aud, patient: '17', encounter: '4' },
      });
      expect(answer.statusCode).toBe(201);
      return answer.json<{ launch: string; iss: string }>();
    };
    const { launch, iss } = await make('alice');
    expect(iss).toBe(aud);
    const tokens = await tokensFor(app, { scope: `${scope} launch`, aud, launch }, 'alice');
    expect(claimsOf(tokens.access_token)).toMatchObject({ patient: '17', encounter: '4' });
    const browser = new Browser(app);
    const login = await browser.follow(
      await browser.get(
        authorizationRequest({ scope: `${scope} launch`, aud, launch: (await make('dora')).launch }).address,
      ),
    );
    const refused = await browser.signIn(login, 'dora');
    expect(refused.statusCode).toBe(403);
    expect(answerOf(await browser.submit(refused, { decision: 'cancel' })).get('error')).toBe(
      'access_denied',
    );
  });
});
