import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ClientsService } from '../../clients/index.js';

/** Of ClientsService.list. */
const pageSize = 1000;
const refreshAfter = 5_000;
const openPath =
  /^\/@fhir\/(metadata|\.well-known\/smart-configuration)$|^\/\.well-known\/oauth-protected-resource(\/|$)/;
const fhirPath = /^\/@fhir(\/|$)/;
const exposed =
  'ETag, Location, Content-Location, Last-Modified, WWW-Authenticate, X-Request-Id, Retry-After';
const allowedHeaders =
  'Authorization, Content-Type, Accept, If-Match, If-None-Match, If-None-Exist, If-Modified-Since, Prefer, X-Request-Id';
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

  constructor(@Inject(ClientsService) private readonly clients: ClientsService) {}

  /** Fastify `onRequest` hook; answers preflights itself. */
  async handle(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    const { origin } = request.headers;
    if (origin === undefined) return undefined;
    const path = request.url.split('?', 1)[0] ?? '';
    const open = openPath.test(path);
    if (!open && !fhirPath.test(path)) return undefined;
    reply.header('vary', 'Origin');
    if (open) reply.header('access-control-allow-origin', '*');
    else if (await this.isKnown(origin)) reply.header('access-control-allow-origin', origin);
    else return undefined;
    reply.header('access-control-expose-headers', exposed);
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined)
      return undefined;
    return reply
      .status(204)
      .headers({
        'access-control-allow-methods': methods,
        'access-control-allow-headers': allowedHeaders,
        'access-control-max-age': '600',
      })
      .send();
  }

  private async isKnown(origin: string): Promise<boolean> {
    if (Date.now() - this.readAt > refreshAfter) {
      this.reading ??= this.read().finally(() => (this.reading = undefined));
      await this.reading;
    }
    return this.origins.has(origin);
  }

  private async read(): Promise<void> {
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
    this.origins = origins;
    this.readAt = Date.now();
  }
}

/** Private-use schemes have the origin `null`, which any page can send. */
function addOrigin(origins: Set<string>, uri: string): void {
  const { origin } = new URL(uri);
  if (origin !== 'null') origins.add(origin);
}
