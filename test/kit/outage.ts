import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApplication } from '../../src/application/create-application.js';
import { Settings } from '../../src/platform/config/index.js';
import { Logger } from '../../src/platform/logging/index.js';
import { mysql } from './databases.js';
import { TcpProxy } from './tcp-proxy.js';

/** A whole application whose way to its MySQL database can be cut and given back. */
export interface ApplicationBehindProxy {
  readonly app: NestFastifyApplication;
  /** Cuts every connection and lets no other through. */
  cut(): Promise<void>;
  giveBack(): Promise<void>;
  close(): Promise<void>;
}

export async function applicationBehindProxy(): Promise<ApplicationBehindProxy> {
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
  return {
    app,
    cut: () => proxy.close(),
    giveBack: () => proxy.listen(),
    close: async () => {
      await app.close();
      await proxy.close();
    },
  };
}
