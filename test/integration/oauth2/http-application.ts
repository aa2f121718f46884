import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { SettingValues } from '../../../src/platform/config/index.js';
import { freePort } from '../../kit/server-process.js';
import { addUsers, start } from './application.js';

/** An application under the address that it writes out. */
export interface HttpApplication {
  readonly app: NestFastifyApplication;
  readonly publicUrl: string;
  readonly issuer: string;
  readonly fhirBase: string;
}

export async function startHttp(
  databaseUrl: string,
  overrides: Partial<SettingValues> = {},
): Promise<HttpApplication> {
  const port = await freePort();
  const publicUrl = `http://localhost:${port}`;
  const app = await start(databaseUrl, { port, publicUrl, ...overrides });
  await addUsers(app);
  return { app, publicUrl, issuer: `${publicUrl}/oauth2`, fhirBase: `${publicUrl}/fhir/r4` };
}

/** A form by POST, over HTTP. */
export async function post(
  url: string,
  form: Readonly<Record<string, string>> | URLSearchParams,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; headers: Headers; json: Record<string, unknown> }> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form), headers });
  const text = await response.text();
  const json = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  return { status: response.status, headers: response.headers, json };
}
