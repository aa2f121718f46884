import { UsersService } from '../../../src/users/index.js';
import { applicationBehindProxy } from '../../kit/outage.js';

it('the management API answers 503 while its database is away, and works again without a restart', async () => {
  const outage = await applicationBehindProxy();
  const { app } = outage;
  const users = app.get(UsersService, { strict: false });
  const password = 'correct horse battery';
  await users.create({ username: 'root', password, roles: ['admin'] });
  const authorization = `Basic ${Buffer.from(`root:${password}`).toString('base64')}`;
  const paths = [
    ...['users', 'users/root', 'clients', 'clients/firekeep-docs', 'endpoints', 'refusals'],
    ...['tls-configurations', 'server-descriptions', 'client-configurations'],
  ];
  const statuses = async (): Promise<readonly (readonly [string, number, string | undefined])[]> => {
    const answers = [];
    for (const path of paths) {
      // The caller is known from memory, so that it is the reads of the answer that fail.
      const answer = await app.inject({ url: `/admin/api/v1/${path}`, headers: { authorization } });
      answers.push([path, answer.statusCode, answer.headers['retry-after']] as const);
    }
    return answers;
  };
  try {
    const before = await statuses();
    expect(before.filter(([, status]) => status !== 200)).toEqual([]);
    await outage.cut();
    const away = await statuses();
    expect(away.filter(([path, status]) => status !== 503 && path !== 'endpoints')).toEqual([]);
    expect(away.find(([path]) => path === 'users')).toEqual(['users', 503, '2']);
    await outage.giveBack();
    expect(await statuses()).toEqual(before);
  } finally {
    await outage.close();
  }
});
