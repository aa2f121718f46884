import type { Check, CheckContext } from './check.js';
import { SameUserCheck, UserTokenCheck } from './same-user.check.js';

const run = (check: Check, username: string | undefined, subject: string | undefined, isUserToken = true) =>
  check.run({
    ...(username === undefined ? {} : { basicUser: { username } }),
    ...(subject === undefined ? {} : { claims: { subject, clientId: 'app', isUserToken } }),
  } as unknown as CheckContext);

describe('the Basic user and the token', () => {
  it('are of one person', () => {
    expect(run(new SameUserCheck(), 'alice', 'alice')).toBeUndefined();
    expect(run(new UserTokenCheck(), 'alice', 'alice')).toBeUndefined();
  });

  it.each(['bob', 'Alice', 'alice ', 'alic\u0435', '', 'https://as.example.org/alice'])(
    'are not, where the token says %j',
    (subject) => expect(run(new SameUserCheck(), 'alice', subject)).toMatchObject({ error: 'invalid_token' }),
  );

  it('are not, where the token is of a client without a user, whatever its subject', () => {
    expect(run(new UserTokenCheck(), 'alice', 'alice', false)).toMatchObject({ error: 'invalid_token' });
    expect(run(new SameUserCheck(), 'alice', 'alice', false)).toMatchObject({ error: 'invalid_token' });
  });

  it('are compared only where both were brought', () => {
    expect(run(new SameUserCheck(), undefined, 'alice')).toBeUndefined();
    expect(run(new SameUserCheck(), 'alice', undefined)).toBeUndefined();
    expect(run(new UserTokenCheck(), undefined, 'loader', false)).toBeUndefined();
  });
});
