import { connect } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { RefusalsService, type Refusal } from '../../../src/access/index.js';
import { ClientsService, type ClientInput } from '../../../src/clients/index.js';
import { createApplication } from '../../../src/application/create-application.js';
import { EndpointsService } from '../../../src/endpoints/index.js';
import { TokenIssuer, type TokenRequest } from '../../../src/oauth2/index.js';
import { Settings, type SettingValues } from '../../../src/platform/config/index.js';
import { Database } from '../../../src/platform/database/index.js';
import { Logger } from '../../../src/platform/logging/index.js';
import { UsersService } from '../../../src/users/index.js';
import { freePort } from '../../kit/server-process.js';
import { listen, send, type HttpAnswer, type HttpCall } from '../../kit/http.js';

export const bearerPath = '/fhir/r4';
export const bothPath = '/csp/healthshare/fhirserver/fhir/r4';
export const basicPath = '/basic/r4';
export const openPath = '/open/r4';
export const adminPath = '/admin/api/v1';

/** One a user, so that a password that turns up somewhere says whose it is. */
export const passwords = {
  alice: 'alice-pass: wörd 1',
  bob: 'bob-passphrase-2',
  carla: 'carla-passphrase-3',
  dora: 'dora-passphrase-4',
  root: 'root-passphrase-5',
} as const;

export type Username = keyof typeof passwords;

export const redirectUri = 'https://app.example.com/callback';

const people = [
  { username: 'alice', roles: ['practitioner'], fhirUser: 'Practitioner/alice' },
  { username: 'bob', roles: ['practitioner'] },
  { username: 'carla', roles: ['admin'] },
  { username: 'dora', roles: ['patient'], fhirUser: 'Patient/dora' },
  { username: 'root', roles: ['admin', 'practitioner'] },
] as const;

export const loader: ClientInput = {
  clientId: 'loader',
  clientName: 'Loader',
  tokenEndpointAuthMethod: 'client_secret_basic',
  grantTypes: ['client_credentials'],
  scope: 'system/*.cruds',
};

export const app: ClientInput = {
  clientId: 'growth-app',
  clientName: 'Growth chart',
  tokenEndpointAuthMethod: 'none',
  redirectUris: [redirectUri],
  grantTypes: ['authorization_code', 'refresh_token'],
  scope: 'openid fhirUser offline_access user/*.cruds patient/*.rs',
};

/** A whole application on a database of its own, with an endpoint of every check mode, and what it wrote down. */
export class World {
  /** What must be found nowhere: every password and token of the suite. */
  readonly secrets = new Set<string>(Object.values(passwords));

  private constructor(
    readonly app: NestFastifyApplication,
    readonly url: string,
    readonly port: number,
    private readonly lines: string[],
  ) {}

  /** @param isFirst whether users, clients and endpoints have to be made. */
  static async start(
    databaseUrl: string,
    overrides: Partial<SettingValues> = {},
    isFirst = true,
  ): Promise<World> {
    const port = await freePort();
    const url = `http://localhost:${port}`;
    const lines: string[] = [];
    const settings = Settings.of({
      databaseUrl,
      secretKey: Buffer.alloc(32, 5).toString('base64'),
      publicUrl: url,
      logLevel: 'trace',
      allowOpen: true,
      ...overrides,
    });
    const logger = Logger.of(settings, { write: (line) => void lines.push(line) });
    const nest = await listen(await createApplication(settings, logger), port);
    const world = new World(nest, url, port, lines);
    if (isFirst) await world.furnish();
    return world;
  }

  get log(): string {
    return this.lines.join('');
  }

  base(path: string): string {
    return this.url + path;
  }

  get<T>(type: new (...parts: never[]) => T): T {
    return this.app.get(type, { strict: false });
  }

  close(): Promise<void> {
    return this.app.close();
  }

  /** An access token of this server's own issuer. */
  async token(request: TokenRequest | Username, audience?: string): Promise<string> {
    const { accessToken } = await this.get(TokenIssuer).issue({
      ...(typeof request === 'string' ? { username: request } : request),
      ...(audience === undefined ? {} : { audience: this.base(audience) }),
    });
    this.secrets.add(accessToken);
    return accessToken;
  }

  call(call: HttpCall | string): Promise<HttpAnswer> {
    return send(this.app, typeof call === 'string' ? { url: call } : call);
  }

  /** What an administrator sees of the refusal that the answer refers to. */
  async explain(answer: HttpAnswer): Promise<Refusal> {
    const reference = referenceOf(answer);
    const refusal = await this.get(RefusalsService).find(reference);
    if (refusal === undefined) throw new Error(`There is no refusal ${reference}.`);
    return refusal;
  }

  /** Every row of the refusals, after they were written, as text. */
  async refusalRows(): Promise<string> {
    await this.get(RefusalsService).list();
    return JSON.stringify(await this.get(Database).query('SELECT * FROM refusal'));
  }

  /** Sends these bytes, lines parted by CRLF, and reads until the server ends the connection. */
  raw(lines: readonly string[], body = ''): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.port, '127.0.0.1');
      let text = '';
      socket.setTimeout(120_000, () => socket.destroy(new Error(`No answer to ${lines[0] ?? ''}: ${text}`)));
      socket.on('data', (data) => (text += data.toString('latin1')));
      socket.on('error', reject);
      socket.on('close', () => {
        const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
        resolve({ status, text });
      });
      socket.write(`${[...lines, 'Connection: close', '', ''].join('\r\n')}${body}`, 'latin1');
    });
  }

  private async furnish(): Promise<void> {
    const users = this.get(UsersService);
    for (const person of people) await users.create({ ...person, password: passwords[person.username] });
    const clients = this.get(ClientsService);
    for (const client of [loader, app]) {
      const { secret } = await clients.create(client);
      if (secret !== undefined) this.secrets.add(secret);
    }
    const endpoints = this.get(EndpointsService);
    await endpoints.create({ path: basicPath, checkMode: 'basic' });
    await endpoints.create({ path: openPath, checkMode: 'open' });
  }
}

export function basic(username: string, password?: string): { authorization: string } {
  const secret = password ?? (username in passwords ? passwords[username as Username] : '');
  return { authorization: `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}` };
}

export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}

export function referenceOf(answer: HttpAnswer): string {
  const reference = /"(?:diagnostics":"Reference |reference":")([a-z2-9]+)/.exec(answer.body)?.[1];
  if (reference === undefined) throw new Error(`No reference in ${answer.statusCode} ${answer.body}`);
  return reference;
}

/** The answer as a caller sees it, with what differs from request to request taken out. */
export function seen(answer: HttpAnswer): object {
  const { date: _date, 'x-request-id': _id, ...headers } = answer.headers;
  const body = answer.body.replaceAll(referenceOf(answer), 'REFERENCE');
  return { status: answer.statusCode, headers, body };
}
