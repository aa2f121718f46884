import { Injectable } from '@nestjs/common';
import {
  errors,
  type Client as EngineClient,
  type KoaContextWithOIDC,
  type ResourceServer,
} from 'oidc-provider';
import { Audiences, type Audience } from '../scopes/audiences.js';
import {
  clientScopes,
  needsAudience,
  stillAllowed,
  userScopes,
  type ScopeDecision,
} from '../scopes/scope-policy.js';
import { traitsOf } from './engine-client.js';
import { problemError, translated } from './protocol-error.js';

/** Seconds. A token that this server can take back lives an hour; one that it can't, or without a user, five minutes. */
const userTokenLifetime = 3600;
const shortLifetime = 300;

/**
 * Which audience a token is for and which of the requested scopes it carries.
 * https://www.rfc-editor.org/rfc/rfc8707
 */
@Injectable()
export class ResourceRules {
  constructor(private readonly audiences: Audiences) {}

  /** Where the request names no resource. */
  defaultResource(ctx: KoaContextWithOIDC): Promise<string | undefined> {
    return translated(async () => {
      const { route } = ctx.oidc;
      const scope = parameter(ctx, 'scope');
      if (route === 'token') {
        if (parameter(ctx, 'grant_type') !== 'client_credentials') return undefined;
        const base = await this.audiences.defaultBase();
        if (base === undefined) throw await this.invalidTarget('aud is missing');
        return base;
      }
      if (route === 'device_authorization') {
        if (scope === undefined || !needsAudience(scope)) return undefined;
        const base = await this.audiences.defaultBase();
        if (base !== undefined) return base;
      }
      if (scope !== undefined && needsAudience(scope)) throw await this.invalidTarget('aud is missing');
      return undefined;
    });
  }

  /** The audience, and of the scopes that are asked for or were granted, those that go with it. */
  describe(ctx: KoaContextWithOIDC, identifier: string, client: EngineClient): Promise<ResourceServer> {
    return translated(async () => {
      if (Array.isArray(ctx.oidc.params?.resource))
        throw new errors.InvalidTarget('name one aud, not several');
      const audience = await this.audiences.find(identifier);
      if (audience === undefined) {
        throw await this.invalidTarget(`${printable(identifier)} is not known here`);
      }
      const isShort = audience.format === 'jwt' || parameter(ctx, 'grant_type') === 'client_credentials';
      return {
        scope: this.scopes(ctx, client, audience).join(' '),
        audience: audience.base,
        accessTokenTTL: Math.min(
          isShort ? shortLifetime : userTokenLifetime,
          traitsOf(client).accessTokenLifetime ?? Infinity,
          audience.lifetime ?? Infinity,
        ),
        accessTokenFormat: audience.format,
        jwt: { sign: { alg: audience.signingAlgorithm } },
      };
    });
  }

  /** The whole of an authorization request's scopes; also where it names no audience. */
  checkAuthorizationRequest(ctx: KoaContextWithOIDC, client: EngineClient): void {
    if (ctx.oidc.params?.resource !== undefined) return; // `describe` has checked them against the audience
    scopesOrThrow(userScopes(parameter(ctx, 'scope'), traitsOf(client), undefined));
  }

  private scopes(ctx: KoaContextWithOIDC, client: EngineClient, audience: Audience): readonly string[] {
    const traits = traitsOf(client);
    if (ctx.oidc.route !== 'token') {
      return scopesOrThrow(userScopes(parameter(ctx, 'scope'), traits, audience));
    }
    if (parameter(ctx, 'grant_type') === 'client_credentials') {
      return scopesOrThrow(clientScopes(parameter(ctx, 'scope'), traits, audience));
    }
    const source = sourceOf(ctx);
    return stillAllowed(source?.scopes ?? [], traits);
  }

  private async invalidTarget(what: string): Promise<errors.InvalidTarget> {
    const names = await this.audiences.names();
    return new errors.InvalidTarget(`${what}; valid values of aud are ${names.join(' ') || '(none)'}`);
  }
}

function scopesOrThrow(decision: ScopeDecision): readonly string[] {
  if (decision.ok) return decision.scopes;
  throw problemError(decision.problem);
}

/** What the token is given for. */
function sourceOf({ oidc: { entities } }: KoaContextWithOIDC): { readonly scopes: Set<string> } | undefined {
  return entities.AuthorizationCode ?? entities.RefreshToken ?? entities.DeviceCode;
}

function parameter(ctx: KoaContextWithOIDC, name: string): string | undefined {
  const value = ctx.oidc.params?.[name];
  return typeof value === 'string' ? value : undefined;
}

function printable(text: string): string {
  return text.slice(0, 200).replaceAll(/[^\x21\x23-\x5b\x5d-\x7e]/g, '?');
}
