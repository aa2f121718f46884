import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { FirekeepError } from '../../platform/errors/index.js';

/** What every route of the management API has in common: JSON alone goes in, an ETag goes out, nothing is cached. */
@Injectable()
export class AdministrationInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    requireJson(http.getRequest<FastifyRequest>());
    const reply = http.getResponse<FastifyReply>();
    reply.header('cache-control', 'no-store');
    return next.handle().pipe(
      map((body: unknown) => {
        const version = versionIn(body);
        if (version !== undefined) reply.header('etag', `W/"${version}"`);
        return body;
      }),
    );
  }
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
