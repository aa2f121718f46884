import { Injectable } from '@nestjs/common';
import { errors, type Client as EngineClient, type Grant, type KoaContextWithOIDC } from 'oidc-provider';
import { ClientsService, withoutSlash } from '../../clients/index.js';
import { UsersService } from '../../users/index.js';
import { covers, namedScopes, parseScopes } from '../scopes/scope-grammar.js';
import { approvedContext } from '../launch/approved-context.js';
import { LaunchContexts } from '../launch/launch-contexts.store.js';
import {
  nextLaunchStep,
  unmetScopes,
  type LaunchProgress,
  type LaunchRequest,
} from '../launch/launch-steps.js';
import { traitsOf } from './engine-client.js';
import { launchRequestOf, progressOf } from './launch-prompt.js';
import { translated } from './protocol-error.js';

/** What a grant is made of. */
export interface Granted {
  readonly scopes: readonly string[];
  readonly resource: string | undefined;
  readonly progress: LaunchProgress;
}

/** Who is granted what, and who may ask about it. */
@Injectable()
export class GrantRules {
  constructor(
    private readonly clients: ClientsService,
    private readonly users: UsersService,
    private readonly contexts: LaunchContexts,
  ) {}

  /**
   * A grant of its own for each launch, so that none inherits the context of another; only what the consent page
   * of this request granted is taken up. Clients of this server aren't asked for consent, nor is anybody twice where no
   * page may be shown.
   */
  grantOf(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
    return translated(async () => {
      const { client, account, provider, params } = ctx.oidc;
      if (client === undefined || account === undefined) return undefined;
      await this.denyAdminToOthers(account.accountId, params?.scope);
      const grantId = ctx.oidc.result?.consent?.grantId;
      if (grantId !== undefined) return provider.Grant.find(grantId);
      const request = launchRequestOf(params ?? {});
      const progress = progressOf(ctx.oidc.result, account.accountId);
      if (nextLaunchStep(request, progress) !== undefined) return undefined;
      const isGranted = traitsOf(client).firstParty
        ? !ctx.oidc.prompts.has('consent')
        : ctx.oidc.prompts.has('none') && (await wasGranted(ctx, request));
      if (!isGranted) return undefined;
      const grant = new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
      await this.save(grant, { ...request, progress });
      return grant;
    });
  }

  /** Keeps a grant with its launch context. @returns its id */
  async save(grant: Grant, { scopes, resource, progress }: Granted): Promise<string> {
    addScopes(grant, scopes, resource);
    withholdScopes(grant, unmetScopes(scopes, progress), resource);
    const grantId = await grant.save();
    await this.contexts.save(grantId, approvedContext(scopes, progress.context), grant.expiration);
    return grantId;
  }

  private async denyAdminToOthers(username: string, scope: unknown): Promise<void> {
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

/**
 * Whether the user has allowed the client all of it before, in this session: then a request that must not show a page
 * is answered without one. Not where anybody could receive the answer and redeem it in the client's place, nor where the
 * client was described otherwise then: the answer may lead somewhere else by now.
 * https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest, RFC 6749 section 10.2
 */
async function wasGranted(
  { oidc }: KoaContextWithOIDC,
  { scopes, resource }: LaunchRequest,
): Promise<boolean> {
  const { session, client, account, provider, params } = oidc;
  if (session === undefined || client === undefined) return false;
  if (client.clientAuthMethod === 'none' && !String(params?.redirect_uri).startsWith('https://'))
    return false;
  const grantId = session.grantIdFor(client.clientId);
  const earlier = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  if (earlier?.clientId !== client.clientId || earlier.accountId !== account?.accountId) return false;
  const { changedAt } = traitsOf(client);
  if (changedAt !== undefined && earlier.iat <= Math.floor(changedAt / 1000)) return false;
  const granted = resource === undefined ? earlier.getOIDCScope() : earlier.getResourceScope(resource);
  const bounds = parseScopes(granted);
  const asked = parseScopes(scopes.join(' '));
  return bounds.ok && asked.ok && asked.scopes.every((scope) => covers(bounds.scopes, scope));
}

/** Everything that was asked for: named scopes for the id_token and, with the rest, for the resource. */
function addScopes(grant: Grant, scopes: readonly string[], resource: string | undefined): void {
  const identity = scopes.filter(isNamed);
  if (identity.length > 0) grant.addOIDCScope(identity);
  if (resource !== undefined && scopes.length > 0) grant.addResourceScope(resource, [...scopes]);
}

/** Asked for and not granted, so that the engine doesn't ask again. */
function withholdScopes(grant: Grant, scopes: readonly string[], resource: string | undefined): void {
  if (scopes.length === 0) return;
  grant.rejectOIDCScope([...scopes]);
  if (resource !== undefined) grant.rejectResourceScope(resource, [...scopes]);
}

function isNamed(scope: string): boolean {
  return (namedScopes as readonly string[]).includes(scope);
}
