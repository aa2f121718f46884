import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ClientsService } from '../../clients/index.js';
import { Logger } from '../../platform/logging/index.js';

/** Of ClientsService.list. */
const pageSize = 1000;
const refreshAfter = 5_000;
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
export class FhirCors {
  private origins: ReadonlySet<string> = new Set();
  private readAt = 0;
  private reading: Promise<void> | undefined;

  constructor(
    private readonly clients: ClientsService,
    private readonly logger: Logger,
  ) {}

  /** Fastify `onRequest` hook; answers preflights itself. */
  handle(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
    const { origin } = request.headers;
    const path = origin === undefined ? '' : (request.url.split('?', 1)[0] ?? '');
    if (origin === undefined) done();
    else if (openPath.test(path)) this.permit(request, reply, '*', done);
    else if (fhirPath.test(path)) void this.permitKnown(request, reply, origin, done);
    else done();
  }

  /** Whether it is the origin of a registered client, as of the last request that named one. */
  knows(origin: string | string[] | undefined): boolean {
    return typeof origin === 'string' && this.origins.has(origin);
  }

  private async permitKnown(
    request: FastifyRequest,
    reply: FastifyReply,
    origin: string,
    done: () => void,
  ): Promise<void> {
    reply.header('vary', 'Origin');
    if (Date.now() - this.readAt > refreshAfter) {
      this.reading ??= this.read().finally(() => (this.reading = undefined));
      await this.reading;
    }
    if (this.knows(origin)) this.permit(request, reply, origin, done);
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

  /** Without the database the origins stay what they were: the page reads why its request failed. */
  private async read(): Promise<void> {
    try {
      this.origins = await this.registeredOrigins();
      this.readAt = Date.now();
    } catch (error) {
      this.logger.debug('origins of clients not refreshed', error);
    }
  }

  private async registeredOrigins(): Promise<ReadonlySet<string>> {
    const origins = new Set<string>();
    let after: string | undefined;
    do {
      const page = await this.clients.list(after === undefined ? {} : { after });
      for (const { enabled, redirectUris } of page) {
        if (!enabled) continue;
        for (const uri of redirectUris) addOrigin(origins, uri);
      }
      after = page.length < pageSize ? undefined : page.at(-1)?.clientId;
    } while (after !== undefined);
    return origins;
  }
}

/** Private-use schemes have the origin `null`, which any page can send. */
function addOrigin(origins: Set<string>, uri: string): void {
  const { origin } = new URL(uri);
  if (origin !== 'null') origins.add(origin);
}
