import { createApplication } from '../../../src/create-application.js';
import { Settings } from '../../../src/platform/config/index.js';
import { Logger } from '../../../src/platform/logging/index.js';
import { UsersService } from '../../../src/users/index.js';
import { databases } from '../../kit/databases.js';
import { TcpProxy } from '../../kit/tcp-proxy.js';

const mysql = databases.find(({ name }) => name === 'mysql') ?? fail();

it('the management API answers 503 while its database is away, and works again without a restart', async () => {
  const url = new URL(await mysql.create());
  const proxy = new TcpProxy({ host: url.hostname, port: Number(url.port) });
  await proxy.listen();
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  const settings = Settings.of({
    databaseUrl: url.href,
    secretKey: Buffer.alloc(32, 9).toString('base64'),
    logLevel: 'silent',
  });
  const app = await createApplication(settings, Logger.of(settings));
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
    await proxy.close();
    const away = await statuses();
    expect(away.filter(([path, status]) => status !== 503 && path !== 'endpoints')).toEqual([]);
    expect(away.find(([path]) => path === 'users')).toEqual(['users', 503, '2']);
    await proxy.listen();
    expect(await statuses()).toEqual(before);
  } finally {
    await app.close();
    await proxy.close();
  }
});
