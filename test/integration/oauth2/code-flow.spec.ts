import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { LOCAL_ACCESS_TOKENS, type LocalAccessTokens } from '../../../src/access/contract.js';
import { databases } from '../../kit/databases.js';
import { addClient, addUsers, fhirBase, issuer, publicClient, start } from './application.js';
import { tokensFor } from './browser.js';

describe.each(databases)('authorization code flow on $name', (database) => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    app = await start(await database.create());
    await addUsers(app);
    await addClient(app, publicClient);
  });

  afterAll(() => app.close());

  it('gives a token for the requested audience and scopes, and keeps every scope in its answer', async () => {
    const tokens = await tokensFor(app, { scope: 'openid fhirUser offline_access user/*.rs', aud: fhirBase });
    expect(tokens.scope.split(' ').sort()).toEqual(['fhirUser', 'offline_access', 'openid', 'user/*.rs']);
    const verified = await app
      .get<LocalAccessTokens>(LOCAL_ACCESS_TOKENS, { strict: false })
      .verify(tokens.access_token);
    expect(verified).toMatchObject({
      ok: true,
      claims: {
        issuer,
        subject: 'alice',
        clientId: 'growth-app',
        isUserToken: true,
        audience: [fhirBase],
        fhirUser: `${fhirBase}/Practitioner/alice`,
      },
    });
  });
});
