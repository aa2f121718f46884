import { createApplication } from '../../../src/create-application.js';
import { Settings } from '../../../src/platform/config/index.js';
import { Logger } from '../../../src/platform/logging/index.js';
import { databases } from '../../kit/databases.js';
import { TcpProxy } from '../../kit/tcp-proxy.js';

const mysql = databases.find(({ name }) => name === 'mysql') ?? fail();

it('the authorization server answers 503 while its database is away, and works again without a restart', async () => {
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
  let attempt = 0;
  const ask = (path: string, payload: string) =>
    app.inject({
      method: 'POST',
      url: `/oauth2/${path}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload,
    });
  // Another name each time, so that nothing is answered from memory.
  const token = () => ask('token', `grant_type=client_credentials&client_id=c${++attempt}&client_secret=s`);
  try {
    expect((await token()).statusCode).toBe(401);
    await proxy.close();
    const away = await token();
    expect(away.statusCode).toBe(503);
    expect(away.headers['retry-after']).toBe('2');
    expect(away.json()).toMatchObject({ error: 'temporarily_unavailable' });
    await proxy.listen();
    expect((await token()).statusCode).toBe(401);
  } finally {
    await app.close();
    await proxy.close();
  }
});
