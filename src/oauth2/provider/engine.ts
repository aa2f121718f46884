import { errors, Provider, type KoaContextWithOIDC, type TokenEndpointGrantContext } from 'oidc-provider';
import { withoutSlash } from '../../clients/index.js';

type ResponseMode = (
  ctx: KoaContextWithOIDC,
  redirectUri: string,
  payload: Record<string, unknown>,
) => void | Promise<void>;
type Names = string | readonly string[] | ReadonlySet<string>;

/** What runs before a grant of the token endpoint, and may change its parameters. */
export type BeforeGrant = (ctx: TokenEndpointGrantContext, grantType: string) => Promise<void>;

const beforeGrant = new WeakMap<Provider, BeforeGrant>();

/**
 * The protocol engine with the two places that it has no setting for: each grant, where SMART's parameters are
 * read, and the addresses, which derive from the issuer alone, whatever Host or X-Forwarded-* say.
 */
export class Engine extends Provider {
  constructor(issuer: string, configuration: ConstructorParameters<typeof Provider>[1], before: BeforeGrant) {
    super(issuer, configuration);
    beforeGrant.set(this, before);
    const { protocol, host } = new URL(issuer);
    Object.defineProperties(this.request, {
      protocol: { get: () => protocol.slice(0, -1) },
      secure: { get: () => protocol === 'https:' },
      host: { get: () => host },
    });
    Object.assign(this.OIDCContext.prototype, {
      urlFor: (name: string, options?: Record<string, unknown>) => this.urlFor(name, options),
    });
  }

  /** Called by the engine's constructor for each grant that is enabled. */
  override registerGrantType<Parameters extends object = Record<string, unknown>>(
    name: string,
    handler: (ctx: TokenEndpointGrantContext<Parameters>) => void | Promise<void>,
    parameters?: Names,
    duplicates?: Names,
  ): void {
    const accepted = new Set(typeof parameters === 'string' ? [parameters] : parameters).add('aud');
    super.registerGrantType<Parameters>(
      name,
      async (ctx) => {
        oneResource(ctx);
        await beforeGrant.get(this)?.(ctx, name);
        await handler(ctx);
      },
      accepted,
      duplicates,
    );
  }

  override registerResponseMode(name: string, handler: ResponseMode): void {
    super.registerResponseMode(name, (ctx, redirectUri, payload) => {
      ctx.state.formTarget = redirectUri;
      return handler.call(this, ctx, redirectUri, payload);
    });
  }
}

/** One audience a token: several `resource` parameters are refused, one is compared without its last slash. */
function oneResource({ oidc: { params } }: TokenEndpointGrantContext): void {
  const { resource, aud } = params as { resource?: unknown; aud?: unknown };
  if (Array.isArray(resource)) throw new errors.InvalidTarget('give one resource');
  const given = [resource, aud].filter((value) => typeof value === 'string').map(withoutSlash);
  if (new Set(given).size > 1) throw new errors.InvalidTarget('aud and resource differ');
  if (given[0] !== undefined) params.resource = given[0];
}
