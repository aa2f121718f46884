import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { randomBytes } from 'node:crypto';
import { createApplication } from '../../../src/application/create-application.js';
import { ClientsService, type ClientInput } from '../../../src/clients/index.js';
import { Settings, type SettingValues } from '../../../src/platform/config/index.js';
import { UsersService } from '../../../src/users/index.js';
import { listen } from '../../kit/http.js';

export const publicUrl = 'https://fhir.example.org';
export const issuer = `${publicUrl}/oauth2`;
export const fhirBase = `${publicUrl}/fhir/r4`;
export const adminBase = `${publicUrl}/admin/api/v1`;
export const password = 'correct horse battery staple';
export const redirectUri = 'https://app.example.com/callback';

/** An application that listens, on a database of its own, with alice (practitioner), root (admin) and one app. */
export async function start(
  databaseUrl: string,
  overrides: Partial<SettingValues> = {},
  secretKey = randomBytes(32).toString('base64'),
): Promise<NestFastifyApplication> {
  const settings = { databaseUrl, secretKey, publicUrl, logLevel: 'error' as const, ...overrides };
  return listen(await createApplication(Settings.of(settings)), overrides.port);
}

export async function addUsers(app: NestFastifyApplication): Promise<void> {
  const users = app.get(UsersService, { strict: false });
  await users.create({
    username: 'alice',
    password,
    roles: ['practitioner'],
    fhirUser: 'Practitioner/alice',
  });
  await users.create({ username: 'root', password, roles: ['admin', 'practitioner'] });
}

export async function addClient(app: NestFastifyApplication, input: ClientInput): Promise<string> {
  const { secret } = await app.get(ClientsService, { strict: false }).create(input);
  return secret ?? '';
}

export const publicClient: ClientInput = {
  clientId: 'growth-app',
  clientName: 'Growth chart',
  tokenEndpointAuthMethod: 'none',
  redirectUris: [redirectUri],
  grantTypes: ['authorization_code', 'refresh_token'],
  scope: 'openid fhirUser profile offline_access online_access launch/patient user/*.cruds patient/*.rs',
};
