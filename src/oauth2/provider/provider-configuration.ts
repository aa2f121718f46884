import { Injectable } from '@nestjs/common';
import {
  errors,
  interactionPolicy,
  type Account,
  type AccountClaims,
  type AsymmetricSigningAlgorithm as SigningAlgorithm,
  type Client as EngineClient,
  type Configuration,
  type ErrorOut,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import { ClientsService } from '../../clients/index.js';
import { signatureAlgorithmNames } from '../../platform/json-web/index.js';
import { GuardedHttp } from '../../platform/outbound/index.js';
import { UsersService } from '../../users/index.js';
import { ClaimSources } from '../claims/claim-sources.js';
import { namedScopes } from '../scopes/scope-grammar.js';
import { errorPage } from '../pages/error.page.js';
import { inLanguage, languages } from '../texts/languages.js';
import type { Keys } from '../keys/key-ring.js';
import { signingAlgorithms } from '../keys/key-ring.js';
import { JwtAccessTokens } from '../token/jwt-access-tokens.js';
import { TokenClaims } from '../token/token-claims.js';
import { cookieName } from '../http/cookie-name.js';
import { ArtifactAdapter, ClientAdapter } from './artifact.adapter.js';
import { ArtifactStore } from '../store/artifact-store.js';
import { traitsMember, traitsOf } from './engine-client.js';
import { devicePath } from './device-flow.js';
import { EngineFeatures } from './engine-features.js';
import { Pages } from '../theme/themed-pages.js';
import { textsOf } from './engine-language.js';
import { GrantRules } from './grant-rules.js';
import { launchPrompt } from './launch-prompt.js';
import { bringsKey, isRequestObject } from './request-object.rule.js';
import { ResourceRules } from './resource-rules.js';
import { SigningKey } from './signing-key.js';
import { singleUse } from './single-use.rule.js';
import { translated } from './protocol-error.js';

const minute = 60;
const hour = 3600;
const day = 24 * hour;

/** Seconds that what the engine makes lives. */
export const lifetimes = {
  code: minute,
  deviceCode: 10 * minute,
  interaction: 30 * minute,
  session: 8 * hour,
  idToken: hour,
  userinfoToken: hour,
  /** Idle: each use gives a new one. */
  refreshToken: 30 * day,
  /** A family of refresh tokens at the most. */
  offlineGrant: 365 * day,
  grant: 12 * hour,
} as const;

const longestAssertion = 5 * minute;

/** Below the issuer. */
const routes = {
  authorization: '/authorize',
  pushed_authorization_request: '/par',
  token: '/token',
  device_authorization: '/device_authorization',
  code_verification: devicePath,
  introspection: '/introspection',
  revocation: '/revocation',
  userinfo: '/userinfo',
  jwks: '/jwks',
  end_session: '/logout',
} as const;

/** Claims of the id_token by scope, and those that need none. */
const claims = {
  openid: ['sub'],
  fhirUser: ['fhirUser'],
  profile: ['preferred_username'],
  auth_time: null,
  iss: null,
  acr: null,
  sid: null,
};

/** The settings of the protocol engine: every default that SMART or safety needs otherwise is set here. */
@Injectable()
export class ProviderConfiguration {
  constructor(
    private readonly store: ArtifactStore,
    private readonly clients: ClientsService,
    private readonly users: UsersService,
    private readonly resources: ResourceRules,
    private readonly claims: TokenClaims,
    private readonly jwts: JwtAccessTokens,
    private readonly grants: GrantRules,
    private readonly http: GuardedHttp,
    private readonly pages: Pages,
    private readonly features: EngineFeatures,
    private readonly sources: ClaimSources,
  ) {}

  /** @param registrationEndpoint undefined: registration is off. */
  build(issuer: string, keys: Keys, registrationEndpoint: string | undefined): Configuration {
    return {
      adapter: (model: string) =>
        model === 'Client' ? new ClientAdapter(this.clients) : new ArtifactAdapter(model, this.store),
      jwks: { keys: keys.signing.map((jwk) => new SigningKey(jwk)) },
      cookies: cookies(keys, issuer),
      routes,
      scopes: [...namedScopes],
      claims: { ...claims, openid: [...claims.openid, ...this.sources.names] },
      responseTypes: ['code'],
      subjectTypes: ['public'],
      clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
      enabledJWA: {
        clientAuthSigningAlgValues: [...signatureAlgorithmNames] as SigningAlgorithm[],
        idTokenSigningAlgValues: [...signingAlgorithms],
        requestObjectSigningAlgValues: [...signatureAlgorithmNames] as SigningAlgorithm[],
        dPoPSigningAlgValues: [...signatureAlgorithmNames] as SigningAlgorithm[],
      },
      ...this.policies(issuer),
      ...this.tokenSettings(),
      features: this.features.build(),
      discovery: {
        ui_locales_supported: languages.map(({ language }) => language),
        ...(registrationEndpoint === undefined ? {} : { registration_endpoint: registrationEndpoint }),
        userinfo_endpoint: `${issuer}/userinfo`,
      },
    };
  }

  private policies(issuer: string): Configuration {
    return {
      conformIdTokenClaims: false,
      allowOmittingSingleRegisteredRedirectUri: false,
      pkce: { required: (_ctx, client) => traitsOf(client).pkceRequired },
      extraClientMetadata: { properties: [traitsMember], validator: () => undefined },
      extraParams: {
        aud: (ctx: KoaContextWithOIDC, _value: unknown, client: EngineClient) =>
          this.resources.checkAuthorizationRequest(ctx, client),
        launch: (ctx: KoaContextWithOIDC, value: unknown) => checkLaunch(ctx, value),
      },
      clientBasedCORS: (_ctx, origin, client) => isOwnOrigin(origin, client),
      findAccount: (ctx, username) => this.findAccount(ctx, username),
      loadExistingGrant: (ctx) => this.grants.grantOf(ctx),
      interactions: {
        policy: interactions(),
        url: (_ctx, { uid, params }) => inLanguage(`${issuer}/interaction/${uid}`, params.ui_locales),
      },
      renderError: (ctx, out, error) => this.renderError(ctx, out, error),
      assertJwtClientAuthClaimsAndHeader: (_ctx, claims, header, client) => {
        const now = Math.floor(Date.now() / 1000);
        const { exp } = claims as { exp?: number };
        if (typeof exp !== 'number' || exp > now + longestAssertion + minute / 2) {
          throw new errors.InvalidClientAuth('exp of the assertion is more than five minutes ahead');
        }
        if (bringsKey(header, traitsOf(client).jwksUri)) {
          throw new errors.InvalidClientAuth('keys come from the registration, not from the assertion');
        }
        // https://www.rfc-editor.org/rfc/rfc9101#section-10.8
        if (isRequestObject(header)) throw new errors.InvalidClientAuth('a request object is no assertion');
      },
      fetch: (url, options) => this.notify(url instanceof Request ? url.url : new URL(url).href, options),
    };
  }

  /** The engine's requests: logout tokens to clients. It fetches nothing, since keys come from ClientKeys. */
  private async notify(url: string, { method, body }: RequestInit = {}): Promise<Response> {
    if (method !== 'POST' || !(body instanceof URLSearchParams)) {
      throw new Error('the engine has nothing to fetch');
    }
    const { status } = await this.http.send({
      url,
      method,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: body.toString(),
    });
    return new Response(null, { status });
  }

  private tokenSettings(): Configuration {
    return {
      ttl: {
        AccessToken: (_ctx, token, client) =>
          token.resourceServer?.accessTokenTTL ??
          Math.min(lifetimes.userinfoToken, traitsOf(client).accessTokenLifetime ?? Infinity),
        ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? 5 * minute,
        AuthorizationCode: lifetimes.code,
        DeviceCode: lifetimes.deviceCode,
        IdToken: lifetimes.idToken,
        Interaction: lifetimes.interaction,
        RefreshToken: (_ctx, _token, client) =>
          traitsOf(client).refreshTokenLifetime ?? lifetimes.refreshToken,
        Session: lifetimes.session,
        Grant: (_ctx, grant) =>
          grant.getOIDCScope().split(' ').includes('offline_access')
            ? lifetimes.offlineGrant
            : lifetimes.grant,
      },
      // A grant is made anew for each launch, so tokens can't hang on the session's current one; see TokenRules.
      expiresWithSession: () => Promise.resolve(false),
      issueRefreshToken: (_ctx, client, source) =>
        Promise.resolve(
          client.grantTypeAllowed('refresh_token') &&
            (source.scopes.has('offline_access') || source.scopes.has('online_access')),
        ),
      ...singleUse,
      extraTokenClaims: (_ctx, token) =>
        translated<Record<string, unknown>>(async () => {
          const { accountId, aud, grantId } = token as { accountId?: string; aud?: string; grantId?: string };
          const made = { clientId: token.clientId ?? '', scopes: [...token.scopes], audience: aud };
          if (token.kind === 'ClientCredentials') return this.claims.ofClient(made);
          return this.claims.ofUser(accountId ?? '', made, grantId);
        }),
      formats: {
        customizers: {
          jwt: (_ctx, token, structured) =>
            translated(async () => {
              const { jti, exp, iat } = structured.payload as { jti: string; exp: number; iat: number };
              const { accountId, grantId, aud, extra, scope, clientId, kind, sessionUid, gty, jkt } =
                token as typeof token & UserTokenMembers;
              const kept = {
                ...{ accountId, grantId, aud, extra, scope, clientId, kind, sessionUid, gty, jkt, iat, exp },
                structured: true,
              };
              await this.store.save(token.kind, this.jwts.handleOf(jti), kept, exp - iat);
            }),
        },
      },
    };
  }

  private renderError(ctx: KoaContextWithOIDC, out: ErrorOut, error: Error): void {
    const { retryAfter } = error as { retryAfter?: number };
    if (retryAfter !== undefined) ctx.set('Retry-After', String(Math.ceil(retryAfter)));
    this.pages.answer(ctx, errorPage(out, textsOf(ctx)));
  }

  private findAccount(ctx: KoaContextWithOIDC, username: string): Promise<Account | undefined> {
    return translated(async () => {
      const user = await this.users.findByUsername(username);
      if (user?.enabled !== true) return undefined;
      return {
        accountId: username,
        claims: (_use, scope) => translated(() => this.identityClaims(ctx, username, scope)),
      };
    });
  }

  /** @param scope as granted */
  private async identityClaims(
    { oidc }: KoaContextWithOIDC,
    username: string,
    scope: string,
  ): Promise<AccountClaims> {
    const aud = oidc.entities.AccessToken?.aud;
    const audience = Array.isArray(aud) ? aud[0] : aud;
    const token = {
      clientId: oidc.client?.clientId ?? '',
      scopes: scope.split(' ').filter((one) => one !== ''),
      audience,
    };
    const own = await this.claims.fromExtensions('id-token', 'user', username, token);
    return { ...own, ...((await this.claims.identity(username, audience)) ?? { sub: username }) };
  }
}

/** What a token of a user has, and one of a client alone hasn't. */
interface UserTokenMembers {
  readonly accountId?: string;
  readonly grantId?: string;
  readonly sessionUid?: string;
  readonly gty?: string;
}

export function sessionCookie(issuer: string) {
  const { pathname: path } = new URL(issuer);
  return { httpOnly: true, sameSite: 'lax', signed: true, path } as const;
}

/** The session goes to the authorization server only, and to nobody who comes by POST from another site. */
function cookies(keys: Keys, issuer: string): NonNullable<Configuration['cookies']> {
  return {
    keys: [...keys.cookies],
    names: {
      session: cookieName('session', issuer),
      interaction: cookieName('interaction', issuer),
      resume: cookieName('resume', issuer),
    },
    long: sessionCookie(issuer),
    short: { httpOnly: true, sameSite: 'lax', signed: true },
  };
}

function interactions(): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base();
  // Every client of others is asked each time, since each launch has a grant of its own.
  policy.get('consent')?.checks.remove('native_client_prompt');
  policy.add(launchPrompt(), 1);
  policy
    .get('login')
    ?.checks.add(
      new interactionPolicy.Check(
        'account_unavailable',
        'the account is disabled or gone',
        'login_required',
        ({ oidc }) => oidc.session?.accountId !== undefined && oidc.account === undefined,
      ),
    );
  return policy;
}

/** https://hl7.org/fhir/smart-app-launch/app-launch.html#obtain-authorization-code */
function checkLaunch({ oidc }: KoaContextWithOIDC, launch: unknown): void {
  if (launch === undefined || oidc.requestParamScopes.has('launch')) return;
  throw new errors.InvalidScope('a launch needs the scope launch', 'launch');
}

function isOwnOrigin(origin: string, client: EngineClient): boolean {
  if (origin === 'null') return false;
  return (client.redirectUris ?? []).some((uri) => {
    if (!URL.canParse(uri)) return false;
    const registered = new URL(uri);
    return registered.origin === origin && ['http:', 'https:'].includes(registered.protocol);
  });
}
