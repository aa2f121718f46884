import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { principalOf } from '../../contract/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { requestContext } from '../../platform/http/index.js';
import { AdministrationEvents } from './administration-events.js';

/** What every route of the management API has in common: JSON alone goes in, an ETag goes out, nothing is cached. */
@Injectable()
export class AdministrationInterceptor implements NestInterceptor {
  constructor(private readonly events: AdministrationEvents) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    requireJson(request);
    const reply = http.getResponse<FastifyReply>();
    reply.header('cache-control', 'no-store');
    return next.handle().pipe(
      map((body: unknown) => {
        if (!changesNothing(context)) this.announce(request, reply);
        const version = versionIn(body);
        if (version !== undefined) reply.header('etag', `W/"${version}"`);
        return body;
      }),
    );
  }

  private announce({ raw, method, ip }: FastifyRequest, reply: FastifyReply): void {
    if (method === 'GET' || method === 'HEAD') return;
    const { subject, clientId } = principalOf(raw);
    // What was made has an address of its own.
    const address = reply.getHeader('location') ?? requestContext(raw).url;
    const path = String(address).split('?', 1)[0] ?? '';
    const object = path.replace(/^.*?\/admin\/api\/v1\/+/, '');
    this.events.changed.emit({ username: subject, clientId, address: ip, method, object });
  }
}

/** Of a route: it is called by POST, and yet changes nothing. */
export const CHANGES_NOTHING = 'firekeep:changes-nothing';

function changesNothing(context: ExecutionContext): boolean {
  return Reflect.hasMetadata(CHANGES_NOTHING, context.getHandler());
}

/** A form or plain text can be sent by a page of another site without asking; JSON can't. */
function requireJson({ headers, method }: FastifyRequest): void {
  if (method === 'GET' || method === 'HEAD') return;
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if ((hasBody || type !== undefined) && type !== 'application/json') {
    throw new FirekeepError(
      'unsupported-media-type',
      'ADMINISTRATION_JSON_ONLY',
      'The management API takes application/json alone.',
    );
  }
}

function versionIn(body: unknown): number | undefined {
  if (typeof body !== 'object' || body === null || !('version' in body)) return undefined;
  return typeof body.version === 'number' ? body.version : undefined;
}
