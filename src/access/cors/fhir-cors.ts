import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ClientLookup, ClientsService } from '../../clients/index.js';
import { ExpiringCache } from '../../platform/cache/index.js';
import { Settings } from '../../platform/config/index.js';
import { Logger } from '../../platform/logging/index.js';

/**
 * What a page's origin is here: `approved` where it is that of this server, or of a client that an administrator made
 * or whose redirect URI an administrator named; `registered` where a client alone has named it.
 */
type Standing = 'approved' | 'registered' | 'unknown';

/** Of origins, those that nobody has registered too, so that a preflight costs no statement each. */
const capacity = 10_000;
/** Milliseconds; a change by this process holds at once. */
const lifetime = 5_000;
/** Milliseconds that is held on to what was known while the database is away. */
const held = 24 * 3600_000;
const longestOrigin = 2_100;
const openPath =
  /^\/@fhir\/(metadata|\.well-known\/smart-configuration)$|^\/\.well-known\/oauth-protected-resource(\/|$)/;
const fhirPath = /^\/@fhir(\/|$)/;
const exposed =
  'ETag, Location, Content-Location, Last-Modified, WWW-Authenticate, DPoP-Nonce, X-Request-Id, Retry-After';
const allowedHeaders =
  'Authorization, DPoP, Content-Type, Accept, If-Match, If-None-Match, If-None-Exist, If-Modified-Since, Idempotency-Key, Prefer, X-Explain, X-Request-Id';
const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE';

/**
 * Which pages may read FHIR answers: any page for discovery and metadata, else the origins of registered
 * redirect URIs; never with ambient credentials (no Allow-Credentials). https://fetch.spec.whatwg.org/#cors-protocol
 */
@Injectable()
export class FhirCors implements OnModuleInit {
  private readonly standings = new ExpiringCache<string, Standing>({ capacity, lifetime });
  private readonly lastKnown = new ExpiringCache<string, Standing>({ capacity: 1_000, lifetime: held });

  constructor(
    private readonly clients: ClientsService,
    private readonly lookup: ClientLookup,
    private readonly settings: Settings,
    private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.clients.changed.subscribe(() => this.standings.clear());
  }

  /** Fastify `onRequest` hook; answers preflights itself. */
  handle(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
    const { origin } = request.headers;
    const path = origin === undefined ? '' : (request.url.split('?', 1)[0] ?? '');
    if (origin === undefined) done();
    else if (openPath.test(path)) this.permit(request, reply, '*', done);
    else if (fhirPath.test(path)) void this.permitKnown(request, reply, origin, done);
    else done();
  }

  /** Whether pages of the origin may write where browsers send credentials along on their own. Closed in doubt. */
  async isTrusted(origin: string | string[] | undefined): Promise<boolean> {
    return typeof origin === 'string' && (await this.standingOf(origin)) === 'approved';
  }

  private async permitKnown(
    request: FastifyRequest,
    reply: FastifyReply,
    origin: string,
    done: () => void,
  ): Promise<void> {
    reply.header('vary', 'Origin');
    if (await this.mayRead(origin)) this.permit(request, reply, origin, done);
    else done();
  }

  private permit(request: FastifyRequest, reply: FastifyReply, origin: string, done: () => void): void {
    reply.header('access-control-allow-origin', origin);
    reply.header('access-control-expose-headers', exposed);
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) {
      done();
      return;
    }
    void reply
      .status(204)
      .headers({
        'access-control-allow-methods': methods,
        'access-control-allow-headers': allowedHeaders,
        'access-control-max-age': '600',
      })
      .send();
  }

  /** Without the database it stays what it was: the page reads why its request failed. */
  private async mayRead(origin: string): Promise<boolean> {
    try {
      const standing = await this.standingOf(origin);
      if (standing === 'unknown') this.lastKnown.delete(origin);
      else if (this.lastKnown.get(origin) !== standing) this.lastKnown.set(origin, standing);
      return standing !== 'unknown';
    } catch (error) {
      this.logger.debug('origin of a page not looked up', error);
      return this.lastKnown.get(origin) !== undefined;
    }
  }

  private async standingOf(origin: string): Promise<Standing> {
    if (origin.length > longestOrigin) return 'unknown';
    if (origin === new URL(this.settings.publicUrl).origin) return 'approved';
    const found = await this.standings.load(
      origin,
      async () => (await this.lookup.standingOf(origin)) ?? 'unknown',
    );
    return found ?? 'unknown';
  }
}
