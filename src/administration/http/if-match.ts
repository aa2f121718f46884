import type { IncomingHttpHeaders } from 'node:http';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { FirekeepError } from '../../platform/errors/index.js';

/**
 * The version that a change is meant for, from If-Match; `*` (any) is undefined.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1
 * @throws FirekeepError 428 `ADMINISTRATION_IF_MATCH_REQUIRED`, 412 `ADMINISTRATION_IF_MATCH_UNKNOWN`
 */
export function versionOf(headers: IncomingHttpHeaders): number | undefined {
  const value = headers['if-match']?.trim();
  if (value === undefined || value === '') {
    throw new FirekeepError(
      'precondition-required',
      'ADMINISTRATION_IF_MATCH_REQUIRED',
      'Send If-Match with the ETag of what you have read, so that nobody overwrites the change of another.',
    );
  }
  if (value === '*') return undefined;
  const version = /^(?:W\/)?"(\d{1,15})"$/.exec(value)?.[1];
  if (version === undefined) {
    throw new FirekeepError(
      'precondition-failed',
      'ADMINISTRATION_IF_MATCH_UNKNOWN',
      'If-Match is not an ETag that this server gave out.',
    );
  }
  return Number(version);
}

/** The version of If-Match as a parameter of a handler: `number | undefined`. */
export const IfMatch = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  versionOf(context.switchToHttp().getRequest<FastifyRequest>().headers),
);
