import { Injectable } from '@nestjs/common';
import { ClientsService, withoutSlash } from '../../clients/index.js';
import { Settings } from '../../platform/config/index.js';
import { UsersService } from '../../users/index.js';
import type { AccessTokenClaims } from '../../contract/index.js';
import { ArtifactStore, type StoredToken } from '../store/artifact-store.js';
import { JwtAccessTokens, looksLikeJwt } from './jwt-access-tokens.js';
import { StoredAccessTokens } from './stored-access-tokens.js';

export interface IntrospectionAnswer {
  readonly status: 200 | 400 | 401 | 403;
  readonly body: Readonly<Record<string, unknown>>;
  readonly challenge?: string;
}

const inactive: IntrospectionAnswer = { status: 200, body: { active: false } };
const tokenModels = new Set(['AccessToken', 'ClientCredentials']);

/**
 * Introspection for callers that bring an access token instead of client credentials: an administrator asks about
 * every token, a resource server about those for its own base URLs. https://www.rfc-editor.org/rfc/rfc7662#section-2.1
 */
@Injectable()
export class BearerIntrospection {
  constructor(
    private readonly tokens: StoredAccessTokens,
    private readonly store: ArtifactStore,
    private readonly jwts: JwtAccessTokens,
    private readonly clients: ClientsService,
    private readonly users: UsersService,
    private readonly settings: Settings,
  ) {}

  async answer(callerToken: string, form: URLSearchParams): Promise<IntrospectionAnswer> {
    const caller = await this.tokens.verify(callerToken);
    // A token that is bound to a key is none for whoever just has it.
    if (!caller.ok || caller.claims.keyThumbprint !== null) {
      return refusal(401, 'invalid_token', 'the token is unknown, expired, revoked or bound to a key');
    }
    const allowed = await this.audiencesOf(caller.claims);
    if (allowed === undefined) {
      return refusal(403, 'insufficient_scope', 'introspection is for administrators and resource servers');
    }
    const [token, ...others] = form.getAll('token');
    if (token === undefined || token === '' || others.length > 0) {
      return refusal(400, 'invalid_request', 'send one token');
    }
    const handle = looksLikeJwt(token) ? await this.jwts.handleOfToken(token) : token;
    const stored = handle === undefined ? undefined : await this.store.findToken(handle);
    if (stored === undefined || !(await this.isActive(stored))) return inactive;
    // The handle of a JWT is no token by itself.
    if ((stored.payload.structured === true) !== looksLikeJwt(token)) return inactive;
    const { aud } = stored.payload;
    if (allowed !== 'all' && !(typeof aud === 'string' && allowed.includes(aud))) return inactive;
    return { status: 200, body: this.describe(stored) };
  }

  /** Undefined: the caller may ask about none. */
  private async audiencesOf(claims: AccessTokenClaims): Promise<'all' | readonly string[] | undefined> {
    if (claims.isUserToken) {
      const user = await this.users.findByUsername(claims.subject);
      const isAdministrator =
        claims.scopes.includes('admin') &&
        claims.audience.includes(this.settings.managementUrl) &&
        user?.roles.includes('admin') === true;
      return isAdministrator ? 'all' : undefined;
    }
    const client = await this.clients.find(claims.clientId);
    return client?.clientType === 'resource_server' ? client.resource.map(withoutSlash) : undefined;
  }

  private async isActive({ model, payload, revoked, expiresAt }: StoredToken): Promise<boolean> {
    if (revoked || expiresAt <= Date.now() || !tokenModels.has(model)) return false;
    const { clientId, accountId } = payload;
    if ((await this.clients.find(String(clientId)))?.enabled !== true) return false;
    if (typeof accountId !== 'string') return true;
    return (await this.users.findByUsername(accountId))?.enabled === true;
  }

  private describe({ payload }: StoredToken): Record<string, unknown> {
    const { extra, clientId, accountId, exp, iat, aud, scope, jkt } = payload;
    return {
      ...(extra as Record<string, unknown> | undefined),
      active: true,
      client_id: clientId,
      ...(typeof accountId === 'string' ? { sub: accountId } : {}),
      iss: this.settings.issuer,
      ...{ exp, iat, aud, scope },
      token_type: jkt === undefined ? 'Bearer' : 'DPoP',
      ...(jkt === undefined ? {} : { cnf: { jkt } }),
    };
  }
}

function refusal(status: 400 | 401 | 403, error: string, description: string): IntrospectionAnswer {
  return {
    status,
    body: { error, error_description: description },
    challenge: `Bearer error="${error}", error_description="${description}"`,
  };
}
