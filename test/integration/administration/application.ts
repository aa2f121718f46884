import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApplication } from '../../../src/application/create-application.js';
import { Settings, type SettingValues } from '../../../src/platform/config/index.js';
import { FirstAdministrator } from '../../../src/users/index.js';

export const publicUrl = 'https://fhir.example.org';
export const adminPassword = 'correct: horse battery';
export const asAdministrator = basic('admin', adminPassword);

export function basic(username: string, password: string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

/** An application with the administrator `admin`. */
export async function start(
  databaseUrl: string,
  overrides: Partial<SettingValues> = {},
): Promise<NestFastifyApplication> {
  const app = await createApplication(
    Settings.of({
      databaseUrl,
      secretKey: Buffer.alloc(32, 1).toString('base64'),
      publicUrl,
      adminPassword,
      logLevel: 'silent',
      ...overrides,
    }),
  );
  await app.get(FirstAdministrator, { strict: false }).ensureAdministrator();
  return app;
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | undefined>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the server answers
  readonly body: any;
}

export interface Call {
  readonly body?: unknown;
  readonly ifMatch?: string;
  readonly headers?: Record<string, string>;
}

/** Calls the management API as the administrator. */
export type Api = (
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  call?: Call,
) => Promise<Answer>;

export function apiOf(app: NestFastifyApplication): Api {
  return async (method, path, { body, ifMatch, headers } = {}) => {
    const response = await app.inject({
      method,
      url: `/admin/api/v1/${path}`,
      headers: {
        ...asAdministrator,
        ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return {
      status: response.statusCode,
      headers: response.headers as Record<string, string | undefined>,
      body: response.body === '' ? undefined : JSON.parse(response.body),
    };
  };
}
