import { Inject, Injectable } from '@nestjs/common';
import { errors, type Client as EngineClient, type Grant, type KoaContextWithOIDC } from 'oidc-provider';
import { ClientsService } from '../../clients/index.js';
import { UsersService } from '../../users/index.js';
import { withoutSlash } from '../authorize/audiences.js';
import { namedScopes } from '../authorize/scope-grammar.js';
import { traitsOf } from './client-metadata.js';
import { translated } from './protocol-error.js';

/** Who is granted what, and who may ask about it. */
@Injectable()
export class GrantRules {
  constructor(
    @Inject(ClientsService) private readonly clients: ClientsService,
    @Inject(UsersService) private readonly users: UsersService,
  ) {}

  /**
   * A grant of its own for each launch, so that none inherits the context of another; only what the consent page
   * of this request granted is taken up. Clients of this server aren't asked for consent.
   */
  grantOf(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
    return translated(async () => {
      const { client, account, provider, params } = ctx.oidc;
      if (client === undefined || account === undefined) return undefined;
      await this.refuseAdminToOthers(account.accountId, params?.scope);
      const grantId = ctx.oidc.result?.consent?.grantId;
      if (grantId !== undefined) return provider.Grant.find(grantId);
      if (!traitsOf(client).firstParty || ctx.oidc.prompts.has('consent')) return undefined;
      const grant = new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
      addScopes(grant, params?.scope, params?.resource);
      await grant.save();
      return grant;
    });
  }

  private async refuseAdminToOthers(username: string, scope: unknown): Promise<void> {
    if (typeof scope !== 'string' || !scope.split(' ').includes('admin')) return;
    const user = await this.users.findByUsername(username);
    if (user?.enabled === true && user.roles.includes('admin')) return;
    throw new errors.AccessDenied('the scope admin is for users with the role admin');
  }

  /** A resource server learns of tokens for its own base URLs; of subjects and clients that are still enabled. */
  async mayIntrospect(
    client: EngineClient,
    token: { kind: string; aud?: unknown; clientId?: string | undefined; accountId?: string | undefined },
  ): Promise<boolean> {
    if (token.kind === 'RefreshToken' || typeof token.aud !== 'string') return false;
    const traits = traitsOf(client);
    const bases = traits.resource.map(withoutSlash);
    if (traits.clientType !== 'resource_server' || !bases.includes(token.aud)) return false;
    const holder = await this.clients.find(token.clientId ?? '');
    if (holder?.enabled !== true) return false;
    if (token.accountId === undefined) return true;
    return (await this.users.findByUsername(token.accountId))?.enabled === true;
  }
}

/** Everything that was asked for: named scopes for the id_token and, with the rest, for the resource. */
export function addScopes(grant: Grant, scope: unknown, resource: unknown): void {
  const scopes = typeof scope === 'string' ? scope.split(' ').filter((text) => text !== '') : [];
  const identity = scopes.filter((text) => (namedScopes as readonly string[]).includes(text));
  if (identity.length > 0) grant.addOIDCScope(identity);
  if (typeof resource === 'string' && scopes.length > 0) grant.addResourceScope(resource, scopes);
}
