import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ClientsService, type Client } from '../../clients/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { UsersService } from '../../users/index.js';
import { Audiences, type Audience } from '../scopes/audiences.js';
import { clientScopes, defaultClientScope, userScopes } from '../scopes/scope-policy.js';
import { resourceId } from '../launch/launch-context.js';
import { LaunchContexts } from '../launch/launch-contexts.store.js';
import { ArtifactStore } from '../store/artifact-store.js';
import { TokenClaims } from './token-claims.js';

export interface TokenRequest {
  /** Either a user or a client. */
  readonly username?: string;
  readonly clientId?: string;
  /** Space-separated; `user/*.cruds` for a user and the client's system scopes for a client where it is absent. */
  readonly scope?: string;
  /** Id of the patient in context, for `patient/` scopes of a user; absent: none. */
  readonly patient?: string;
  /** Base URL of an endpoint; the default endpoint where it is absent. */
  readonly audience?: string;
  /** Seconds, at most 3600 or what the endpoint allows; 900 where it is absent. */
  readonly ttl?: number;
}

export interface IssuedToken {
  readonly accessToken: string;
  /** Whom it was issued to. */
  readonly clientId: string;
  readonly scope: string;
  readonly audience: string;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

/** The client in whose name the command line gets tokens for users. */
const commandLineClient = 'firekeep-cli';
const commandLineScope = 'openid fhirUser profile admin user/*.cruds patient/*.cruds launch/patient';
const defaultLifetime = 900;
const longestLifetime = 3600;

/** Makes real, short-lived access tokens for someone who has the database: the command line. */
@Injectable()
export class TokenIssuer {
  constructor(
    private readonly store: ArtifactStore,
    private readonly audiences: Audiences,
    private readonly clients: ClientsService,
    private readonly users: UsersService,
    private readonly claims: TokenClaims,
    private readonly contexts: LaunchContexts,
  ) {}

  /** @throws FirekeepError `OAUTH2_TOKEN_…` with what to change. */
  async issue(request: TokenRequest): Promise<IssuedToken> {
    const audience = await this.audience(request.audience);
    const lifetime = Math.min(
      Math.max(Math.trunc(request.ttl ?? defaultLifetime), 1),
      audience.lifetime ?? longestLifetime,
    );
    const issuedAt = Math.floor(Date.now() / 1000);
    const shared = { iat: issuedAt, exp: issuedAt + lifetime, aud: audience.base };
    const accessToken = randomBytes(32).toString('base64url');
    const { username, clientId } = request;
    if ((username === undefined) === (clientId === undefined)) {
      throw refused('Give a username or a client id, one of them.');
    }
    if (request.patient !== undefined) requirePatient(request.patient, username);
    const scope =
      username === undefined
        ? await this.issueForClient(clientId ?? '', request.scope, audience, accessToken, shared)
        : await this.issueForUser({ ...request, username }, audience, accessToken, shared);
    return {
      accessToken,
      clientId: clientId ?? commandLineClient,
      scope,
      audience: audience.base,
      expiresAt: shared.exp,
    };
  }

  private async issueForUser(
    { username, scope, patient }: TokenRequest & { readonly username: string },
    audience: Audience,
    accessToken: string,
    times: { readonly iat: number; readonly exp: number; readonly aud: string },
  ): Promise<string> {
    const user = await this.users.findByUsername(username);
    if (user?.enabled !== true) throw refused(`There is no enabled user ${username}.`);
    const client = await this.commandLine();
    const asked = scope ?? (audience.kind === 'administration' ? 'admin' : 'user/*.cruds');
    const decision = userScopes(asked, client, audience);
    if (!decision.ok) throw refused(sentence(decision.problem.description));
    if (decision.scopes.includes('admin') && !user.roles.includes('admin')) {
      throw refused(`The scope admin is for users with the role admin, which ${username} has not.`);
    }
    const granted = decision.scopes.join(' ');
    const grantId = randomBytes(24).toString('base64url');
    const holder = { accountId: username, clientId: client.clientId };
    const lifetime = times.exp - times.iat;
    const resources = { [audience.base]: granted };
    await this.store.save('Grant', grantId, { kind: 'Grant', ...holder, ...times, resources }, lifetime);
    if (patient !== undefined) await this.contexts.save(grantId, { patient }, lifetime);
    await this.store.save(
      'AccessToken',
      accessToken,
      {
        ...{ kind: 'AccessToken', ...holder, ...times, scope: granted, grantId, gty: 'command_line' },
        extra: await this.claims.ofUser(
          username,
          { clientId: client.clientId, scopes: decision.scopes, audience: audience.base },
          grantId,
        ),
      },
      lifetime,
    );
    return granted;
  }

  private async issueForClient(
    clientId: string,
    scope: string | undefined,
    audience: Audience,
    accessToken: string,
    times: { readonly iat: number; readonly exp: number; readonly aud: string },
  ): Promise<string> {
    const client = await this.clients.find(clientId);
    if (client?.enabled !== true) throw refused(`There is no enabled client ${clientId}.`);
    const decision = clientScopes(scope ?? defaultClientScope(client), client, audience);
    if (!decision.ok) throw refused(sentence(decision.problem.description));
    const granted = decision.scopes.join(' ');
    await this.store.save(
      'ClientCredentials',
      accessToken,
      {
        kind: 'ClientCredentials',
        clientId,
        ...times,
        scope: granted,
        extra: await this.claims.ofClient({
          clientId,
          scopes: decision.scopes,
          audience: audience.base,
        }),
      },
      times.exp - times.iat,
    );
    return granted;
  }

  private async audience(given: string | undefined): Promise<Audience> {
    const base = given ?? (await this.audiences.defaultBase());
    const audience = base === undefined ? undefined : await this.audiences.find(base);
    if (audience === undefined || audience.kind === 'remote') {
      const names = await this.audiences.names();
      throw refused(`The audience must be an endpoint of this server: ${names.join(', ')}.`);
    }
    return audience;
  }

  private async commandLine(): Promise<Client> {
    const known = await this.clients.find(commandLineClient);
    if (known !== undefined) return known;
    const { client } = await this.clients.create({
      clientId: commandLineClient,
      clientName: 'Firekeep command line',
      description: 'Tokens that `firekeep token` makes. Disable it to end them all.',
      clientType: 'public',
      tokenEndpointAuthMethod: 'none',
      grantTypes: [],
      scope: commandLineScope,
      firstParty: true,
    });
    return client;
  }
}

function requirePatient(patient: string, username: string | undefined): void {
  if (username === undefined) throw refused('A patient in context belongs to a user, not to a client alone.');
  if (!resourceId.test(patient)) {
    throw refused('The patient is given by its id: 1 to 64 letters, digits, - and .');
  }
}

function refused(message: string): FirekeepError {
  return new FirekeepError('invalid', 'OAUTH2_TOKEN_REFUSED', message);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
