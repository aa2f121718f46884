import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ClientsService } from '../../clients/index.js';

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
    const clients = await this.clients.list();
    const uris = clients.filter(({ enabled }) => enabled).flatMap(({ redirectUris }) => redirectUris);
    this.origins = new Set(uris.map(originOf).filter((origin) => origin !== undefined));
    this.readAt = Date.now();
  }
}

function originOf(uri: string): string | undefined {
  const { origin } = new URL(uri);
  return origin === 'null' ? undefined : origin;
}
