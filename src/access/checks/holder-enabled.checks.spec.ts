import type { ClientsService } from '../../clients/index.js';
import { Settings } from '../../platform/config/index.js';
import type { UsersService } from '../../users/index.js';
import type { CheckContext } from './check.js';
import { ClientEnabledCheck } from './client-enabled.check.js';
import { UserEnabledCheck } from './user-enabled.check.js';

const publicUrl = 'https://fhir.example.org';
const users = new UserEnabledCheck({
  findByUsername: (username: string) =>
    Promise.resolve(username === 'nobody' ? undefined : { username, enabled: username !== 'gone' }),
} as unknown as UsersService);
const clients = new ClientEnabledCheck(
  {
    find: (clientId: string) =>
      Promise.resolve(clientId === 'nobody' ? undefined : { clientId, enabled: clientId !== 'gone' }),
  } as unknown as ClientsService,
  Settings.of({ publicUrl }),
);

const context = (claims?: object, more: object = {}): CheckContext =>
  ({ ...(claims === undefined ? {} : { claims }), ...more }) as unknown as CheckContext;

describe('the user of a token', () => {
  const issuer = 'https://as.example.org';

  it('is the account of that name, whoever issued the token', async () => {
    const asked = context({ issuer, subject: 'alice', isUserToken: true });
    expect(await users.run(asked)).toBeUndefined();
    expect(asked.user).toMatchObject({ username: 'alice' });
  });

  it.each(['gone', 'nobody'])('is refused where the account is disabled or missing (%s)', async (subject) => {
    const asked = context({ issuer, subject, isUserToken: true });
    expect(await users.run(asked)).toMatchObject({ category: 'unauthenticated', error: 'invalid_token' });
    expect(asked.user).toBeUndefined();
  });

  it('is the Basic user where there is no token, and nobody for a client without a user', async () => {
    const basic = context(undefined, { basicUser: { username: 'alice' } });
    expect(await users.run(basic)).toBeUndefined();
    expect(basic.user).toMatchObject({ username: 'alice' });
    const client = context({ issuer, subject: 'loader', isUserToken: false });
    expect(await users.run(client)).toBeUndefined();
    expect(client.user).toBeUndefined();
  });
});

describe('the client of a token', () => {
  const run = (clientId: string, issuer = `${publicUrl}/oauth2`) =>
    clients.run(context({ issuer, clientId }));

  it('is enabled', async () => expect(await run('app')).toBeUndefined());

  it.each(['gone', 'nobody'])('is refused where it is disabled or missing (%s)', async (clientId) =>
    expect(await run(clientId)).toMatchObject({ category: 'unauthenticated', error: 'invalid_token' }),
  );

  it('is the concern of another server that issued the token', async () =>
    expect(await run('nobody', 'https://as.example.org')).toBeUndefined());
});
