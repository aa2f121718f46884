import { errors, type TokenEndpointGrantContext } from 'oidc-provider';
import { defaultClientScope } from '../authorize/scope-policy.js';
import { traitsOf } from './client-metadata.js';

/** What a grant of the token endpoint must fulfil beside the engine's own checks, and its defaults. */
export async function beforeGrant(ctx: TokenEndpointGrantContext, grantType: string): Promise<void> {
  if (grantType === 'client_credentials') scopeByDefault(ctx);
  if (grantType === 'refresh_token') await requireSession(ctx);
}

/** https://www.rfc-editor.org/rfc/rfc6749#section-3.3: no scope means that of the registration. */
function scopeByDefault({ oidc: { params, client } }: TokenEndpointGrantContext): void {
  params.scope ??= defaultClientScope(traitsOf(client)) || undefined;
}

/**
 * `online_access` lasts as long as the user stays signed in.
 * https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#scopes-for-requesting-a-refresh-token
 */
async function requireSession({ oidc: { params, provider } }: TokenEndpointGrantContext): Promise<void> {
  const { refresh_token: value } = params;
  if (typeof value !== 'string') return;
  const token = await provider.RefreshToken.find(value);
  if (token === undefined || token.scopes.has('offline_access')) return;
  const { sessionUid, accountId } = token;
  const session = sessionUid === undefined ? undefined : await provider.Session.findByUid(sessionUid);
  if (session?.accountId === undefined || session.accountId !== accountId) {
    throw new errors.InvalidGrant('the user has signed out');
  }
}
