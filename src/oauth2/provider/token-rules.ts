import { errors, type RefreshToken, type TokenEndpointGrantContext } from 'oidc-provider';
import { covers, parseScopes, type Scope } from '../scopes/scope-grammar.js';
import { defaultClientScope } from '../scopes/scope-policy.js';
import { traitsOf } from './engine-client.js';

/** What a grant of the token endpoint must fulfil beside the engine's own checks, and its defaults. */
export async function beforeGrant(ctx: TokenEndpointGrantContext, grantType: string): Promise<void> {
  if (grantType === 'client_credentials') scopeByDefault(ctx);
  if (grantType === 'refresh_token') await refreshRules(ctx);
}

/** https://www.rfc-editor.org/rfc/rfc6749#section-3.3: no scope means that of the registration. */
function scopeByDefault({ oidc: { params, client } }: TokenEndpointGrantContext): void {
  params.scope ??= defaultClientScope(traitsOf(client)) || undefined;
}

async function refreshRules(ctx: TokenEndpointGrantContext): Promise<void> {
  const { params, provider, client } = ctx.oidc;
  const { refresh_token: value } = params;
  if (typeof value !== 'string') return;
  const token = await provider.RefreshToken.find(value);
  // What is wrong with it otherwise, the engine says.
  if (token?.clientId !== client.clientId) return;
  requireResource(ctx, token);
  await requireSession(ctx, token);
  narrow(ctx, token);
}

/**
 * The engine uses the token up before it looks at the audience, and takes the next try for theft.
 * https://www.rfc-editor.org/rfc/rfc8707#section-2.2
 */
function requireResource({ oidc: { params } }: TokenEndpointGrantContext, token: RefreshToken): void {
  const { resource } = params;
  if (resource === undefined || [token.resource].flat().includes(String(resource))) return;
  throw new errors.InvalidTarget('the refresh token is for another audience');
}

/**
 * `online_access` lasts as long as the user stays signed in.
 * https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#scopes-for-requesting-a-refresh-token
 */
async function requireSession({ oidc }: TokenEndpointGrantContext, token: RefreshToken): Promise<void> {
  if (token.scopes.has('offline_access')) return;
  const { sessionUid, accountId } = token;
  const session = sessionUid === undefined ? undefined : await oidc.provider.Session.findByUid(sessionUid);
  if (session?.accountId === undefined || session.accountId !== accountId) {
    throw new errors.InvalidGrant('the user has signed out');
  }
}

/**
 * A refresh may ask for less, and less is meant, not spelled: `patient/Observation.rs` is within `patient/*.read`. The
 * engine compares words, so it is given the granted scopes that cover what is asked for, and the access token what
 * is asked for.
 * https://www.rfc-editor.org/rfc/rfc6749#section-6
 */
function narrow(ctx: TokenEndpointGrantContext, token: RefreshToken): void {
  const { params } = ctx.oidc;
  if (typeof params.scope !== 'string' || params.scope.trim() === '') return;
  const granted = parseScopes([...token.scopes].join(' '));
  const asked = parseScopes(params.scope);
  if (!asked.ok) throw new errors.InvalidScope(asked.problem, params.scope);
  if (!granted.ok) throw new errors.InvalidScope('what was granted is not known any more', params.scope);
  const beyond = asked.scopes.filter((scope) => !covers(granted.scopes, scope));
  if (beyond.length > 0) {
    throw new errors.InvalidScope(`the refresh token does not cover ${textOf(beyond)}`, textOf(beyond));
  }
  params.scope = textOf(granted.scopes.filter((wide) => asked.scopes.some((scope) => covers([wide], scope))));
  narrowAccessToken(ctx, asked.scopes);
}

/** The engine announces the access token when its scope is known and before it is saved. */
function narrowAccessToken({ oidc }: TokenEndpointGrantContext, asked: readonly Scope[]): void {
  const announce = oidc.entity.bind(oidc);
  oidc.entity = (name, entity) => {
    if (name === 'AccessToken') {
      const token = entity as { scope?: string };
      const left = parseScopes(token.scope ?? '');
      token.scope = left.ok ? textOf(asked.filter((scope) => covers(left.scopes, scope))) : '';
    }
    announce(name, entity);
  };
}

function textOf(scopes: readonly Scope[]): string {
  return scopes.map(({ text }) => text).join(' ');
}
