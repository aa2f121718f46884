import { errors, Provider, type KoaContextWithOIDC } from 'oidc-provider';
import { deviceCodeGrant, withoutSlash } from '../../clients/index.js';

/**
 * What an authorization request needs before its scopes are read, whichever way it came (query, form, pushed, signed):
 * SMART's `aud` as the `resource` of RFC 8707, the consent prompt without which the engine drops `offline_access`
 * silently, and signing in as the way to select another account.
 * https://hl7.org/fhir/smart-app-launch/app-launch.html#obtain-authorization-code
 * https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest
 */
function completeParameters({ oidc }: KoaContextWithOIDC): void {
  const { params } = oidc;
  if (params === undefined) return;
  const { aud, resource, scope, prompt } = params;
  // A signed request names this server in its claim `aud`.
  const named = [resource, aud === oidc.provider.issuer ? undefined : aud]
    .flat()
    .filter((value): value is string => typeof value === 'string' && value !== '');
  const bases = [...new Set(named.map(withoutSlash))];
  if (bases.length > 1) throw new errors.InvalidTarget('name one aud, not several');
  if (bases[0] !== undefined) params.resource = bases[0];
  const prompts = new Set(typeof prompt === 'string' ? prompt.split(' ').filter((text) => text !== '') : []);
  if (prompts.delete('select_account')) prompts.add('login');
  const scopes = typeof scope === 'string' ? scope.split(' ') : [];
  if (scopes.includes('offline_access') && !prompts.has('none')) prompts.add('consent');
  if (prompts.size > 0) params.prompt = [...prompts].join(' ');
}

interface ClientQuestions {
  readonly responseTypeAllowed: (this: ClientQuestions, type: string) => boolean;
  readonly grantTypeAllowed: (this: ClientQuestions, type: string) => boolean;
}

/**
 * The engine asks a client whether it may have what the request asks for once all parameters are there and before it
 * looks at scope and resource: the one moment at which they can be completed.
 */
export function completeWhenAsked(prototype: object): void {
  const { responseTypeAllowed, grantTypeAllowed } = prototype as ClientQuestions;
  Object.assign(prototype, {
    responseTypeAllowed(this: ClientQuestions, type: string): boolean {
      const { ctx } = Provider;
      if (ctx !== undefined) completeParameters(ctx);
      return responseTypeAllowed.call(this, type);
    },
    grantTypeAllowed(this: ClientQuestions, type: string): boolean {
      const { ctx } = Provider;
      const allowed = grantTypeAllowed.call(this, type);
      if (ctx?.oidc.route !== 'device_authorization' || type !== deviceCodeGrant) return allowed;
      if (!allowed) throw new errors.UnauthorizedClient('the client is not registered for the device grant');
      completeDeviceParameters(ctx);
      return true;
    },
  });
}

/** A device has no page to send a prompt to: its user is asked anyway. */
function completeDeviceParameters(ctx: KoaContextWithOIDC): void {
  completeParameters(ctx);
  if (ctx.oidc.params !== undefined) delete ctx.oidc.params.prompt;
}
