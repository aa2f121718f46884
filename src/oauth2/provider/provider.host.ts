import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { errors, type InteractionResults, type KoaContextWithOIDC } from 'oidc-provider';
import { ClientsService, deviceCodeGrant } from '../../clients/index.js';
import { Settings } from '../../platform/config/index.js';
import { Logger } from '../../platform/logging/index.js';
import { cleanText } from '../../platform/text/index.js';
import { KeyRing, type Keys } from '../keys/key-ring.js';
import { completeMetadata } from '../discovery/authorization-server-metadata.js';
import type { LaunchProgress } from '../launch/launch-steps.js';
import { Oauth2Events } from '../events/oauth2-events.js';
import { ArtifactStore } from '../store/artifact-store.js';
import { correctErrors } from './client-errors.js';
import { ClientKeys } from './client-keys.js';
import { clientAddressOf } from '../http/client-address.js';
import { traitsOf, type ClientTraits } from './engine-client.js';
import { DeviceFlow, devicePath } from './device-flow.js';
import { adaptEngine } from './engine-adaptations.js';
import { Pages } from '../theme/themed-pages.js';
import {
  answerWhereUnavailable,
  errorsByClients,
  notFound,
  refuseAddress,
  refuseProof,
  tellWhenToRetry,
} from './engine-answers.js';
import { Engine } from './engine.js';
import { keepLanguage } from './engine-language.js';
import { replaceForeignPage } from './foreign-pages.js';
import { GrantRules } from './grant-rules.js';
import { keptProgress, progressOf } from './launch-prompt.js';
import { ProviderConfiguration } from './provider-configuration.js';
import { tellContext } from './token-extras.js';
import { beforeGrant } from './token-rules.js';

/** An authorization request that waits for the user. */
export interface PendingInteraction {
  readonly uid: string;
  readonly prompt: 'login' | 'launch' | 'consent';
  readonly client: ClientTraits;
  /** Signed in as; undefined: nobody yet. */
  readonly username: string | undefined;
  readonly scopes: readonly string[];
  readonly resource: string | undefined;
  /** Undefined: the request came from a device. */
  readonly redirectUri: string | undefined;
  readonly loginHint: string;
  /** What the client says that the user reads (`ui_locales`), and what the browser does (`Accept-Language`). */
  readonly languages: { readonly requested: unknown; readonly accepted: string | undefined };
  /** Handle of a launch from an EHR; undefined: the app was started by itself. */
  readonly launch: string | undefined;
  /** What is known of the launch context. */
  readonly progress: LaunchProgress;
}

/** Resolves when the answer is under way. */
type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** The protocol engine of this process; made anew when keys or addresses change. */
@Injectable()
export class ProviderHost implements OnModuleInit {
  private built: { readonly engine: Engine; readonly answer: Answer } | undefined;
  private builtFor: Keys | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly keys: KeyRing,
    private readonly configuration: ProviderConfiguration,
    private readonly clients: ClientsService,
    private readonly clientKeys: ClientKeys,
    private readonly store: ArtifactStore,
    private readonly grants: GrantRules,
    private readonly devices: DeviceFlow,
    private readonly pages: Pages,
    private readonly events: Oauth2Events,
    private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.keys.changed.subscribe(() => (this.builtFor = undefined));
  }

  get issuer(): string {
    return this.settings.issuer;
  }

  /** The engine for today's keys and addresses: not to be kept. */
  current(): Engine {
    return this.prepared().engine;
  }

  /** @param url path and query below the issuer; `request.url` is set to it. */
  async handle(request: IncomingMessage, response: ServerResponse, url: string): Promise<void> {
    request.url = url;
    await this.prepared().answer(request, response);
  }

  /** @throws where there is none, its cookie is missing or its time is over. */
  async pendingInteraction(
    request: IncomingMessage,
    response: ServerResponse,
    uid: string,
  ): Promise<PendingInteraction | undefined> {
    const engine = this.current();
    try {
      const details = await engine.interactionDetails(request, response);
      if (details.uid !== uid) return undefined;
      const client = await engine.Client.find(String(details.params.client_id));
      if (client === undefined) return undefined;
      const { scope, resource, redirect_uri: redirectUri, login_hint: hint, launch } = details.params;
      return {
        uid,
        prompt: promptOf(details.prompt.name),
        client: traitsOf(client),
        username: details.session?.accountId,
        scopes: typeof scope === 'string' ? scope.split(' ') : [],
        resource: typeof resource === 'string' ? resource : undefined,
        redirectUri: typeof redirectUri === 'string' ? redirectUri : undefined,
        loginHint: typeof hint === 'string' ? hint.slice(0, 128) : '',
        languages: {
          requested: details.params.ui_locales,
          accepted: request.headers['accept-language'],
        },
        launch: typeof launch === 'string' ? launch : undefined,
        progress: progressOf(details.lastSubmission, details.session?.accountId),
      };
    } catch (error) {
      if (error instanceof errors.SessionNotFound) return undefined;
      throw error;
    }
  }

  /** Goes on with the user signed in. @returns where the browser goes next. */
  signIn(request: IncomingMessage, response: ServerResponse, username: string): Promise<string> {
    return this.finish(request, response, {
      login: { accountId: username, amr: ['pwd'], remember: false },
    });
  }

  /**
   * Goes on with the scopes of the interaction granted, in a grant of its own. The engine grants what is in both the
   * grant and the request, word by word, so the request is rewritten to what the user left of it.
   */
  async grant(
    request: IncomingMessage,
    response: ServerResponse,
    interaction: PendingInteraction,
  ): Promise<string> {
    const { username, client, scopes, resource, progress } = interaction;
    const engine = this.current();
    const pending = await engine.interactionDetails(request, response);
    pending.params.scope = scopes.join(' ');
    await pending.persist();
    const grant = new engine.Grant({ accountId: username, clientId: client.clientId });
    const grantId = await this.grants.save(grant, { scopes, resource, progress });
    return this.finish(request, response, { consent: { grantId } });
  }

  /** Goes on with what was found out of the launch context. */
  launch(
    request: IncomingMessage,
    response: ServerResponse,
    { username, progress }: Pick<PendingInteraction, 'username' | 'progress'>,
  ): Promise<string> {
    return this.finish(request, response, keptProgress(username, progress));
  }

  /** Goes back to the client empty-handed. */
  deny(request: IncomingMessage, response: ServerResponse, description: string): Promise<string> {
    return this.finish(request, response, { error: 'access_denied', error_description: description });
  }

  private finish(
    request: IncomingMessage,
    response: ServerResponse,
    result: InteractionResults,
  ): Promise<string> {
    const mergeWithLastSubmission = !('error' in result);
    return this.current().interactionResult(request, response, result, { mergeWithLastSubmission });
  }

  private prepared(): { readonly engine: Engine; readonly answer: Answer } {
    const keys = this.keys.current();
    const { issuer } = this;
    if (this.built === undefined || this.builtFor !== keys || this.built.engine.issuer !== issuer) {
      const engine = this.build(issuer);
      this.built = { engine, answer: engine.callback() };
      this.builtFor = keys;
    }
    return this.built;
  }

  private build(issuer: string): Engine {
    const registration = this.settings.get('registration') === 'off' ? undefined : `${issuer}/register`;
    const engine = new Engine(
      issuer,
      this.configuration.build(issuer, this.keys.current(), registration),
      async (ctx, grantType) => {
        if (grantType === deviceCodeGrant) await this.devices.beforeGrant(ctx);
        await beforeGrant(ctx, grantType);
      },
    );
    adaptEngine(engine, { clients: this.clients, keys: this.clientKeys, store: this.store });
    engine.use((ctx, next) => this.around(ctx as KoaContextWithOIDC, next));
    engine.on('server_error', (ctx, error) => {
      this.logger.error('oauth2 failed', describe(ctx, error));
      answerWhereUnavailable(ctx, error);
    });
    (engine as NodeJS.EventEmitter).on('error', (error: Error & { code?: string }) => {
      // A browser that goes away in the middle is no failure, nor is a body that breaks off or can't be parsed.
      if (/^(?:EPIPE|ECONNRESET|HPE_\w+)$/.test(error.code ?? '')) return;
      this.logger.error('oauth2 failed', { error: { message: error.message, stack: error.stack } });
    });
    engine.on('backchannel.error', (_ctx, error, client) =>
      this.logger.warn('client not told of a logout', { clientId: client.clientId, problem: error.message }),
    );
    for (const name of errorsByClients) (engine as NodeJS.EventEmitter).on(name, tellWhenToRetry);
    engine.on('grant.success', (ctx) => this.announceToken(ctx));
    engine.on('grant.error', (ctx, error) =>
      this.events.tokenRefused.emit({
        grantType: grantTypeOf(ctx),
        clientId: ctx.oidc.client?.clientId ?? null,
        error: error.error,
        address: clientAddressOf(ctx.req),
      }),
    );
    return engine;
  }

  private async around(ctx: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<void> {
    const { path } = ctx;
    ctx.set({
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'X-Frame-Options': 'DENY',
      'Content-Security-Policy':
        "default-src 'none'; script-src; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    });
    if (refuseAddress(ctx, this.pages) || refuseProof(ctx)) return;
    if (path === devicePath || path.startsWith(`${devicePath}/`)) await this.devices.around(ctx, next);
    else await next();
    await this.after(ctx);
  }

  private async after(ctx: KoaContextWithOIDC): Promise<void> {
    const route = (ctx as { oidc?: { route?: string } }).oidc?.route;
    if (route === undefined && ctx.status === 404) {
      notFound(ctx, this.pages);
      return;
    }
    correctErrors(ctx);
    if (route === 'token' || route === 'introspection') ctx.set('Pragma', 'no-cache');
    if (route === 'token' && ctx.status === 200) tellContext(ctx);
    if (route === 'discovery' && ctx.status === 200) {
      ctx.body = completeMetadata(ctx.body as Record<string, unknown>, this.settings.publicUrl);
    }
    if (route === 'revocation' && ctx.status === 200) this.announceRevocation(ctx, 'token');
    if (route === 'end_session_confirm' && ctx.oidc.params?.logout !== undefined && ctx.status === 303) {
      this.announceRevocation(ctx, 'session');
      await this.store.revokeSession(ctx.oidc.session?.uid ?? '');
    }
    if (route === 'end_session_confirm') keepLanguage(ctx);
    await replaceForeignPage(ctx, this.pages);
  }

  private announceRevocation(ctx: KoaContextWithOIDC, what: string): void {
    this.events.revoked.emit({
      what,
      clientId: ctx.oidc.client?.clientId ?? null,
      username: ctx.oidc.session?.accountId ?? null,
      address: clientAddressOf(ctx.req),
    });
  }

  private announceToken(ctx: KoaContextWithOIDC): void {
    const { AccessToken, ClientCredentials } = ctx.oidc.entities;
    const token = AccessToken ?? ClientCredentials;
    if (token === undefined) return;
    const { aud } = token as { aud?: unknown };
    this.events.tokenIssued.emit({
      grantType: grantTypeOf(ctx),
      clientId: token.clientId ?? '',
      username: AccessToken?.accountId ?? null,
      audience: typeof aud === 'string' ? aud : null,
      scopes: [...token.scopes],
      address: clientAddressOf(ctx.req),
    });
  }
}

function promptOf(name: string): PendingInteraction['prompt'] {
  return name === 'consent' || name === 'launch' ? name : 'login';
}

function describe(ctx: KoaContextWithOIDC, error: unknown): object {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  return { route: ctx.oidc.route, error: { message, stack } };
}

/** Characters of a grant type that are told. */
const longestGrantType = 100;

function grantTypeOf(ctx: KoaContextWithOIDC): string {
  const value = ctx.oidc.params?.grant_type;
  return typeof value === 'string' ? cleanText(value, longestGrantType) : '';
}
