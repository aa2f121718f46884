import { randomBytes } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ClientsService, type Client, type ClientChanges, type CreatedClient } from '../../clients/index.js';
import { Settings } from '../../platform/config/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { ClientAddresses } from '../../platform/outbound/index.js';
import { Oauth2Events } from '../events/oauth2-events.js';
import { parseScopes } from '../scopes/scope-grammar.js';
import { ArtifactStore } from '../store/artifact-store.js';
import type { Oauth2Route, Oauth2Routes } from '../http/oauth2-route.js';
import { readJsonObject } from '../http/parsed-body.js';
import { describedBy, withinDecision } from './decided-metadata.rule.js';
import { InitialAccessTokensService, type InitialAccessToken } from './initial-access-tokens.service.js';
import { originsOfBases } from './registrable-base.rule.js';
import {
  clientOf,
  RegistrationProblem,
  type Metadata,
  type RegistrationBounds,
} from './registered-metadata.rules.js';
import { RegistrationThrottle } from './registration.throttle.js';
import { RegistrationsStore, type Registration } from './registrations.store.js';

/**
 * Dynamic registration of clients and its management.
 * https://www.rfc-editor.org/rfc/rfc7591 and https://www.rfc-editor.org/rfc/rfc7592
 */
@Injectable()
export class RegistrationRoutes implements Oauth2Routes, OnModuleInit {
  readonly routes: readonly Oauth2Route[] = [
    this.route('POST', '/register', (request, reply) => this.register(request, reply)),
    this.route('GET', '/register/:clientId', (request, reply) => this.read(request, reply)),
    this.route('PUT', '/register/:clientId', (request, reply) => this.update(request, reply)),
    this.route('DELETE', '/register/:clientId', (request, reply) => this.remove(request, reply)),
  ];

  constructor(
    private readonly settings: Settings,
    private readonly clients: ClientsService,
    private readonly initialAccessTokens: InitialAccessTokensService,
    private readonly registrations: RegistrationsStore,
    private readonly artifacts: ArtifactStore,
    private readonly events: Oauth2Events,
    private readonly throttle: RegistrationThrottle,
    private readonly addresses: ClientAddresses,
  ) {}

  /** @throws FirekeepError `CONFIG_INVALID_VALUE` where the setting has what is no scope: nothing could be registered */
  onModuleInit(): void {
    const scopes = this.settings.get('registrationScopes');
    const parsed = scopes === undefined ? undefined : parseScopes(scopes);
    if (parsed?.ok !== false) return;
    throw new FirekeepError(
      'invalid',
      'CONFIG_INVALID_VALUE',
      `FIREKEEP_REGISTRATION_SCOPES must be scopes: ${parsed.problem}.`,
    );
  }

  private async register(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const policy = this.settings.get('registration');
    if (policy === 'off') throw switchedOff();
    const initialAccessToken = await this.initialAccessToken(request);
    if (initialAccessToken === undefined) {
      if (policy !== 'open') throw unauthorized('registration needs an initial access token', false);
      await this.throttle.pass(request.ip);
    }
    const metadata = await readJsonObject(request.raw);
    const servers =
      initialAccessToken?.registers === 'resource-servers' ? initialAccessToken.baseUrls : undefined;
    const bounds = this.bounds(initialAccessToken !== undefined, initialAccessToken?.scope ?? null, servers);
    const description = clientOf(metadata, bounds, this.addresses);
    if (initialAccessToken !== undefined && !(await this.initialAccessTokens.use(initialAccessToken.id))) {
      throw unauthorized('the initial access token is used up');
    }
    const clientId = randomBytes(16).toString('hex');
    const token = await this.registrations.add({
      clientId,
      initialAccessTokenId: initialAccessToken?.id ?? null,
      scope: initialAccessToken?.scope ?? null,
      baseUrls: servers ?? null,
      createdAt: Date.now(),
    });
    const { client, secret } = await this.create(clientId, description);
    this.events.clientRegistered.emit({
      clientId: client.clientId,
      initialAccessTokenId: initialAccessToken?.id ?? null,
    });
    return reply.status(201).send(this.response(client, token, secret));
  }

  /** What the initial access token doesn't bound, the policy does: as it is now, at each change too. */
  private bounds(
    trusted: boolean,
    scope: string | null,
    servers: readonly string[] | undefined,
  ): RegistrationBounds {
    return {
      trusted,
      servers,
      scope: scope ?? this.settings.get('registrationScopes') ?? null,
      redirects: this.settings.get('registrationRedirects'),
    };
  }

  /** Behind the registration: without a client that one opens nothing. */
  private async create(clientId: string, description: ClientChanges): Promise<CreatedClient> {
    try {
      return await this.clients.create({
        ...description,
        clientId,
        clientType: typeOf(description),
        dynamicallyRegistered: true,
      });
    } catch (error) {
      await this.registrations.remove(clientId);
      throw error;
    }
  }

  private async read(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const { client, token } = await this.authenticate(request);
    return reply.send(this.response(client, token));
  }

  private async update(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const { client, token, registration } = await this.authenticate(request);
    const metadata = await readJsonObject(request.raw);
    await this.checkUpdate(metadata, client);
    const changes = client.administered
      ? withinDecision(client, metadata)
      : this.own(client, registration, metadata);
    let next: string | undefined;
    const { client: updated, secret } = await this.clients.updateByItself(
      client,
      changes,
      async (statements) => {
        next = await this.registrations.rotate(statements, client.clientId, token);
        if (next === undefined)
          throw unauthorized('the registration access token was used or ended meanwhile');
      },
    );
    return reply.send(this.response(updated, next ?? '', secret));
  }

  /** The description of a client that nobody but itself has described. @throws RegistrationProblem */
  private own(client: Client, registration: Registration, metadata: Metadata): ClientChanges {
    const isServer = client.clientType === 'resource_server';
    const servers = isServer ? (registration.baseUrls ?? originsOfBases(client.resource)) : undefined;
    const bounds = this.bounds(registration.initialAccessTokenId !== null, registration.scope, servers);
    const changes = clientOf(metadata, bounds, this.addresses);
    if (typeOf(changes) !== client.clientType) {
      throw new RegistrationProblem(
        'invalid_client_metadata',
        'a client stays public, confidential or a resource server; register anew',
      );
    }
    return { clientName: client.clientId, ...changes };
  }

  private async remove(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const { client, token } = await this.authenticate(request);
    await this.clients.remove(client.clientId, undefined, async (statements) => {
      if (await this.registrations.useUp(statements, client.clientId, token)) return;
      throw unauthorized('the registration access token was used or ended meanwhile');
    });
    await this.artifacts.revokeClient(client.clientId);
    return reply.status(204).send();
  }

  /** RFC 7592 section 2.2: the whole description again, with what the server gave out left alone. */
  private async checkUpdate(metadata: Metadata, client: Client): Promise<void> {
    const ofServer = [
      'registration_access_token',
      'registration_client_uri',
      'client_secret_expires_at',
      'client_id_issued_at',
    ].find((name) => metadata[name] !== undefined);
    if (ofServer !== undefined) {
      throw new RegistrationProblem('invalid_client_metadata', `${ofServer}: must not be sent`);
    }
    if (metadata.client_id !== client.clientId) {
      throw new RegistrationProblem('invalid_client_metadata', 'client_id: must be that of the client');
    }
    if (metadata.client_secret === undefined) return;
    const { client_secret: secret } = metadata;
    if (typeof secret !== 'string' || !(await this.clients.verifySecret(client.clientId, secret))) {
      throw new RegistrationProblem('invalid_client_metadata', 'client_secret: is not that of the client');
    }
  }

  private async initialAccessToken(request: FastifyRequest): Promise<InitialAccessToken | undefined> {
    const token = bearerToken(request);
    if (token === undefined) return undefined;
    const found = await this.initialAccessTokens.find(token);
    if (found === undefined) throw unauthorized('the initial access token is unknown, expired or used up');
    return found;
  }

  private async authenticate(
    request: FastifyRequest,
  ): Promise<{ client: Client; token: string; registration: Registration }> {
    const { clientId } = request.params as { clientId: string };
    const token = bearerToken(request);
    const registration =
      token === undefined ? undefined : await this.registrations.authenticate(clientId, token);
    if (token === undefined || registration === undefined) {
      throw unauthorized('the registration access token is not that of the client', token !== undefined);
    }
    const client = await this.current(clientId);
    if (client?.enabled !== true) throw unauthorized('the client was removed or disabled');
    return { client, token, registration };
  }

  private async current(clientId: string): Promise<Client | undefined> {
    try {
      return await this.clients.get(clientId);
    } catch (error) {
      if (error instanceof FirekeepError && error.category === 'not-found') return undefined;
      throw error;
    }
  }

  private response(client: Client, token: string, secret?: string): Record<string, unknown> {
    return {
      client_id: client.clientId,
      client_id_issued_at: Math.floor(client.createdAt / 1000),
      ...(secret === undefined ? {} : { client_secret: secret }),
      ...(client.hasSecret || secret !== undefined ? { client_secret_expires_at: 0 } : {}),
      ...describedBy(client),
      registration_access_token: token,
      registration_client_uri: `${this.settings.issuer}/register/${encodeURIComponent(client.clientId)}`,
    };
  }

  private route(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    work: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
  ): Oauth2Route {
    return {
      method: [method],
      path,
      answers: 'json',
      handle: async (request, reply) => {
        reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' });
        try {
          return await work(request, reply);
        } catch (error) {
          const problem = problemOf(error);
          if (problem === undefined) throw error;
          return reply.status(400).send({ error: problem.error, error_description: problem.description });
        }
      },
    };
  }
}

function typeOf(client: {
  readonly resource?: readonly string[];
  readonly tokenEndpointAuthMethod?: string;
}): Client['clientType'] {
  if ((client.resource?.length ?? 0) > 0) return 'resource_server';
  return client.tokenEndpointAuthMethod === 'none' ? 'public' : 'confidential';
}

/** What `clients` finds wrong, in the words of RFC 7591. */
function problemOf(error: unknown): RegistrationProblem | undefined {
  if (error instanceof RegistrationProblem) return error;
  if (!(error instanceof FirekeepError)) return undefined;
  if (error.code === 'CLIENTS_VERSION_MISMATCH') {
    return new RegistrationProblem(
      'invalid_client_metadata',
      'the client was changed meanwhile; read it again',
    );
  }
  if (error.code !== 'CLIENTS_INVALID') return undefined;
  const [issue] = error.issues;
  const code = issue?.expression === 'redirectUris' ? 'invalid_redirect_uri' : 'invalid_client_metadata';
  const field = (issue?.expression ?? '').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return new RegistrationProblem(code, `${field}: ${issue?.message ?? error.message}`);
}

function bearerToken(request: FastifyRequest): string | undefined {
  return /^Bearer +([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '')?.[1];
}

/** Whoever brought no token is not told of an error in it: https://www.rfc-editor.org/rfc/rfc6750#section-3.1 */
function unauthorized(description: string, broughtToken = true): FirekeepError {
  const details = broughtToken ? `, error="invalid_token", error_description="${description}"` : '';
  return new FirekeepError('unauthenticated', 'OAUTH2_REGISTRATION_UNAUTHORIZED', description, {
    headers: { 'www-authenticate': `Bearer realm="Firekeep"${details}` },
  });
}

function switchedOff(): FirekeepError {
  return new FirekeepError(
    'forbidden',
    'OAUTH2_REGISTRATION_OFF',
    'dynamic registration is switched off here; ask the administrator',
  );
}
