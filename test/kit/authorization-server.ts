import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

type Json = Record<string, unknown>;

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Route = (request: ReceivedRequest, response: ServerResponse) => void;

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** A key pair for signing tokens. */
export function signingKey(kid: string, kind: 'rsa' | 'P-256' | 'P-384' = 'rsa'): SigningKey {
  const pair =
    kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: kind });
  return { kid, ...pair };
}

/** The public part as a JWK. */
export function jwkOf(key: SigningKey, more: Json = {}): Json {
  return { ...key.publicKey.export({ format: 'jwk' }), kid: key.kid, use: 'sig', ...more };
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A compact JWS; `signature` undefined: RS256 or ES256 by `key`. */
export function jws(
  header: Json,
  payload: Json,
  key: SigningKey,
  signature?: (input: string) => Buffer,
): string {
  const input = `${encode(header)}.${encode(payload)}`;
  const made =
    signature === undefined
      ? sign('sha256', Buffer.from(input), { key: key.privateKey, dsaEncoding: 'ieee-p1363' })
      : signature(input);
  return `${input}.${made.toString('base64url')}`;
}

/** Sends JSON. */
export function reply(response: ServerResponse, status: number, body: unknown, headers: Json = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...(headers as Record<string, string>) });
  response.end(JSON.stringify(body));
}

/**
 * An authorization server of somebody else: real HTTP or HTTPS on a port of its own, with metadata, keys,
 * introspection, registration and its management. Every route can be replaced by one that misbehaves.
 */
export class AuthorizationServerDouble {
  readonly requests: ReceivedRequest[] = [];
  readonly routes = new Map<string, Route>();
  readonly metadata: Json;
  keys: SigningKey[] = [signingKey('first')];
  keyHeaders: Json = {};
  /** What introspection answers, by token. */
  readonly tokens = new Map<string, Json>();
  readonly clients = new Map<string, { metadata: Json; secret: string; registrationToken: string }>();
  initialAccessToken = 'initial-access-token';

  private constructor(
    readonly origin: string,
    readonly issuer: string,
    private readonly close: () => Promise<void>,
  ) {
    this.metadata = {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      introspection_endpoint: `${issuer}/introspection`,
      registration_endpoint: `${issuer}/register`,
      response_types_supported: ['code'],
      scopes_supported: ['openid'],
    };
    this.routes.set('/.well-known/oauth-authorization-server/oauth2', (_request, response) =>
      reply(response, 200, this.metadata),
    );
    this.routes.set('/oauth2/jwks', (_request, response) =>
      reply(response, 200, { keys: this.keys.map((key) => jwkOf(key)) }, this.keyHeaders),
    );
    this.routes.set('/oauth2/introspection', (request, response) => this.introspect(request, response));
    this.routes.set('/oauth2/register', (request, response) => this.register(request, response));
  }

  static async start(tls?: ServerOptions): Promise<AuthorizationServerDouble> {
    let listener: RequestListener = () => undefined;
    const handler: RequestListener = (request, response) => listener(request, response);
    const server = tls === undefined ? createServer(handler) : createTlsServer(tls, handler);
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const origin = `${tls === undefined ? 'http' : 'https'}://localhost:${port}`;
    const double = new AuthorizationServerDouble(origin, `${origin}/oauth2`, async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    listener = (request, response) => void double.answer(request, response);
    return double;
  }

  async stop(): Promise<void> {
    await this.close();
  }

  /** How often a path was asked for. */
  count(path: string): number {
    return this.requests.filter((request) => request.path === path).length;
  }

  get key(): SigningKey {
    const [key] = this.keys;
    if (key === undefined) throw new Error('There is no key.');
    return key;
  }

  /** A JWT access token as RFC 9068 says, with some claims and header members replaced; undefined takes one away. */
  accessToken(claims: Json = {}, header: Json = {}, key = this.key): string {
    const now = Math.floor(Date.now() / 1000);
    const payload = {
      iss: this.issuer,
      sub: 'alice',
      client_id: 'growth-app',
      aud: 'http://localhost:8080/fhir/r4',
      scope: 'user/*.rs openid',
      iat: now,
      exp: now + 300,
      jti: randomBytes(8).toString('hex'),
      ...claims,
    };
    return jws({ alg: 'RS256', typ: 'at+jwt', kid: key.kid, ...header }, payload, key);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = (request.url ?? '').split('?')[0] ?? '';
    const received = {
      method: request.method ?? '',
      path,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    };
    this.requests.push(received);
    const route =
      this.routes.get(path) ?? (path.startsWith('/oauth2/register/') ? this.manageRoute : undefined);
    if (route === undefined) reply(response, 404, { error: 'not_found' });
    else route(received, response);
  }

  private introspect(request: ReceivedRequest, response: ServerResponse): void {
    const credentials = Buffer.from((request.headers.authorization ?? '').slice(6), 'base64').toString();
    const [id = '', secret] = credentials.split(':');
    if (this.clients.get(id)?.secret !== secret) {
      reply(response, 401, { error: 'invalid_client' });
      return;
    }
    const token = new URLSearchParams(request.body).get('token') ?? '';
    reply(response, 200, this.tokens.get(token) ?? { active: false });
  }

  private register(request: ReceivedRequest, response: ServerResponse): void {
    if (request.headers.authorization !== `Bearer ${this.initialAccessToken}`) {
      reply(response, 401, { error: 'invalid_token' });
      return;
    }
    const id = `client-${this.clients.size + 1}`;
    const client = {
      metadata: JSON.parse(request.body) as Json,
      secret: randomBytes(8).toString('hex'),
      registrationToken: randomBytes(8).toString('hex'),
    };
    this.clients.set(id, client);
    reply(response, 201, this.information(id));
  }

  private readonly manageRoute: Route = (request, response) => {
    const id = request.path.split('/').at(-1) ?? '';
    const client = this.clients.get(id);
    if (client === undefined || request.headers.authorization !== `Bearer ${client.registrationToken}`) {
      reply(response, 401, { error: 'invalid_token' });
      return;
    }
    if (request.method === 'DELETE') {
      this.clients.delete(id);
      response.writeHead(204).end();
      return;
    }
    if (request.method === 'PUT') {
      const { client_id: _id, client_secret: _secret, ...metadata } = JSON.parse(request.body) as Json;
      client.metadata = metadata;
    }
    client.registrationToken = randomBytes(8).toString('hex');
    reply(response, 200, this.information(id));
  };

  private information(id: string): Json {
    const client = this.clients.get(id);
    return {
      ...client?.metadata,
      client_id: id,
      client_secret: client?.secret,
      client_secret_expires_at: 0,
      registration_access_token: client?.registrationToken,
      registration_client_uri: `${this.issuer}/register/${id}`,
    };
  }
}
