import type { IncomingMessage } from 'node:http';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FirekeepError } from '../platform/errors/index.js';
import { refuseRepeated, requestContext, toFirekeepError } from '../platform/http/index.js';
import { Logger } from '../platform/logging/index.js';
import { ApprovalsRoutes } from './approvals/approvals.routes.js';
import { InteractionRoutes } from './authorize/interaction.routes.js';
import { SignInRoutes } from './visitors/sign-in.routes.js';
import { errorPage } from './pages/error.page.js';
import { askedLanguages } from './http/page-requests.js';
import { textsFor } from './texts/languages.js';
import { setClientAddress } from './http/client-address.js';
import { ProviderHost } from './provider/provider.host.js';
import { isForm, readForm, withForm } from './http/parsed-body.js';
import type { Oauth2Route } from './http/oauth2-route.js';
import { RegistrationRoutes } from './registration/registration.routes.js';
import { Pages } from './theme/themed-pages.js';
import { ThemeRoutes } from './theme/theme.routes.js';
import { BearerIntrospection } from './token/bearer-introspection.js';
import { JwtAccessTokens, looksLikeJwt } from './token/jwt-access-tokens.js';
import { UserinfoRoutes } from './token/userinfo.routes.js';

const mount = '/oauth2';
const serverMetadata = '/.well-known/oauth-authorization-server';
/** Longest query that a request by POST is turned into. */
const longestQuery = 8 * 1024;
const noToken = 'none';

/**
 * Puts the authorization server under `/oauth2`, as a part of Fastify with parsers of its own: the engine reads
 * request bodies itself, so none may be read before. Guards of Nest don't run here.
 */
@Injectable()
export class Oauth2Http implements OnModuleInit {
  constructor(
    private readonly adapter: HttpAdapterHost,
    private readonly host: ProviderHost,
    private readonly jwts: JwtAccessTokens,
    private readonly interactions: InteractionRoutes,
    private readonly approvals: ApprovalsRoutes,
    private readonly signIn: SignInRoutes,
    private readonly registration: RegistrationRoutes,
    private readonly userinfo: UserinfoRoutes,
    private readonly introspection: BearerIntrospection,
    private readonly theme: ThemeRoutes,
    private readonly pages: Pages,
    private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    // The command line runs the same modules without HTTP: there is no adapter then, whatever its type says.
    const { httpAdapter } = this.adapter as Partial<HttpAdapterHost>;
    const fastify = (httpAdapter ?? undefined)?.getInstance<Partial<FastifyInstance> | undefined>();
    void fastify?.register?.((instance, _options, done) => {
      this.mount(instance);
      done();
    });
  }

  private mount(instance: FastifyInstance): void {
    instance.removeAllContentTypeParsers();
    // Of two client authentications, only one would be looked at.
    instance.addHook('onRequest', refuseRepeated('authorization', 'dpop'));
    instance.addContentTypeParser('*', (_request, _payload, done) => done(null));
    instance.setErrorHandler((error, request, reply) => this.fail('json', error, request, reply));
    for (const { routes } of [
      this.interactions,
      this.approvals,
      this.signIn,
      this.registration,
      this.userinfo,
      this.theme,
    ]) {
      for (const route of routes) this.add(instance, route);
    }
    for (const path of ['/authorize', '/logout']) {
      instance.post(mount + path, (request, reply) => this.byPost(request, reply, path));
    }
    for (const path of ['/introspection', '/revocation']) {
      instance.post(mount + path, (request, reply) => this.aboutToken(request, reply, path));
    }
    const engine = (request: FastifyRequest, reply: FastifyReply): Promise<void> =>
      this.toEngine(request, reply, belowMount(request.raw));
    const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'];
    instance.route({ method: methods, url: `${mount}/*`, handler: engine });
    // RFC 8414 puts the well-known part in front of the issuer's path.
    const issuerPath = new URL(this.host.issuer).pathname;
    for (const path of new Set([mount, issuerPath])) {
      instance.route({
        method: ['GET', 'HEAD', 'OPTIONS'],
        url: serverMetadata + path,
        handler: (request, reply) => this.toEngine(request, reply, serverMetadata),
      });
    }
  }

  private add(instance: FastifyInstance, route: Oauth2Route): void {
    instance.route({
      method: [...route.method],
      url: mount + route.path,
      handler: (request, reply) => route.handle(request, reply),
      errorHandler: (error, request, reply) => void this.fail(route.answers, error, request, reply),
    });
  }

  private async toEngine(
    request: FastifyRequest,
    reply: FastifyReply,
    url: string,
    raw: IncomingMessage = request.raw,
  ): Promise<void> {
    reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) reply.raw.setHeader(name, value);
    }
    setClientAddress(raw, request.ip);
    await this.host.handle(raw, reply.raw, url);
  }

  /**
   * A request to authorize or to sign out by POST from another site comes without the session cookie, which is
   * SameSite=Lax; the browser sends it with the GET that follows.
   * https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout
   */
  private async byPost(request: FastifyRequest, reply: FastifyReply, path: string): Promise<unknown> {
    const form = await readForm(request.raw, longestQuery);
    return reply
      .header('cache-control', 'no-store')
      .redirect(`${this.host.issuer}${path}?${form.toString()}`, 303);
  }

  /** The engine knows opaque tokens only, so a JWT of this server is replaced by what it is kept under. */
  private async aboutToken(request: FastifyRequest, reply: FastifyReply, path: string): Promise<unknown> {
    if (!isForm(request.raw)) return this.toEngine(request, reply, path);
    const form = await readForm(request.raw);
    const [, bearer] = /^Bearer +([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (path === '/introspection' && bearer !== undefined) {
      const { status, body, challenge } = await this.introspection.answer(bearer, form);
      if (challenge !== undefined) reply.header('www-authenticate', challenge);
      return reply.status(status).headers({ 'cache-control': 'no-store', pragma: 'no-cache' }).send(body);
    }
    const tokens = form.getAll('token');
    if (tokens.length === 1 && looksLikeJwt(tokens[0] ?? '')) {
      form.set('token', (await this.jwts.handleOfToken(tokens[0] ?? '')) ?? noToken);
    }
    return this.toEngine(request, reply, path, withForm(request.raw, form));
  }

  private fail(
    answers: Oauth2Route['answers'],
    thrown: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): unknown {
    const error = toFirekeepError(thrown);
    const { requestId } = requestContext(request.raw);
    if (error.category === 'internal') {
      const cause = error.cause instanceof Error ? error.cause : error;
      this.logger.error('oauth2 failed', {
        requestId,
        code: error.code,
        error: { message: cause.message, stack: cause.stack },
      });
    }
    if (error.retryAfter !== undefined) reply.header('retry-after', String(Math.ceil(error.retryAfter)));
    reply.headers(error.headers);
    const body = { error: protocolCode(error), error_description: error.message };
    if (answers === 'page')
      return this.pages.send(
        reply,
        error.status,
        errorPage(body, textsFor(askedLanguages(request), request.headers['accept-language'])),
      );
    return reply.status(error.status).header('cache-control', 'no-store').send(body);
  }
}

/** Path and query below the mount; `access_token` is out of it already. */
function belowMount(request: IncomingMessage): string {
  const { url } = requestContext(request);
  const rest = url.replace(/^\/+oauth2/i, '');
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** https://www.rfc-editor.org/rfc/rfc6749#section-5.2 and its relatives */
function protocolCode({ category }: FirekeepError): string {
  if (category === 'unavailable' || category === 'throttled') return 'temporarily_unavailable';
  if (category === 'internal') return 'server_error';
  if (category === 'unauthenticated') return 'invalid_token';
  return category === 'forbidden' ? 'access_denied' : 'invalid_request';
}
