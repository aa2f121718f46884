import { HttpException, NotFoundException } from '@nestjs/common';
import { isDatabaseTrouble, unavailable } from '../database/index.js';
import { FirekeepError, errorStatus, type ErrorCategory } from '../errors/index.js';

const categoryOfStatus = new Map<number, ErrorCategory>(
  (Object.entries(errorStatus) as [ErrorCategory, number][]).map(([category, status]) => [status, category]),
);

/** Whatever was thrown, as a FirekeepError: an unknown error becomes `internal` and tells the caller nothing. */
export function toFirekeepError(thrown: unknown): FirekeepError {
  if (thrown instanceof FirekeepError) return thrown;
  // Repositories of TypeORM hand on what the driver says.
  if (isDatabaseTrouble(thrown)) return unavailable(thrown);
  const status = statusOf(thrown);
  if (status !== undefined && status < 500) {
    const category = categoryOfStatus.get(status) ?? 'invalid';
    return new FirekeepError(category, codeOf(thrown, category), messageOf(thrown, category), {
      cause: thrown,
    });
  }
  return new FirekeepError('internal', 'INTERNAL_ERROR', 'The server failed. The log has the reason.', {
    cause: thrown,
  });
}

function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  // Fastify's own errors: body too large, unsupported media type, malformed URL.
  const { statusCode, code } = thrown as { statusCode?: unknown; code?: unknown };
  return typeof statusCode === 'number' && typeof code === 'string' && code.startsWith('FST_')
    ? statusCode
    : undefined;
}

function codeOf(thrown: unknown, category: ErrorCategory): string {
  const { code } = thrown as { code?: unknown };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return 'HTTP_BODY_TOO_LARGE';
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return 'HTTP_UNSUPPORTED_MEDIA_TYPE';
  return `HTTP_${category.toUpperCase().replaceAll('-', '_')}`;
}

/** Nest's message for an unknown route repeats the URL, and with it whatever a client put there. */
function messageOf(thrown: unknown, category: ErrorCategory): string {
  if (
    category === 'not-found' &&
    thrown instanceof NotFoundException &&
    thrown.message.startsWith('Cannot ')
  ) {
    return 'Nothing is at this address.';
  }
  return (thrown as Error).message;
}
