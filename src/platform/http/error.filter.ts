import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Logger } from '../logging/index.js';
import { ErrorRenderers } from './error-renderer.js';
import { requestContext } from './request-context.js';
import { toFirekeepError } from './to-firekeep-error.js';

/** While the database is away every request fails: one line in the log now and then is enough. */
const WARNING_INTERVAL_MS = 5_000;

/** The one place where an error becomes an HTTP answer. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private nextWarning = 0;

  constructor(
    private readonly renderers: ErrorRenderers,
    private readonly logger: Logger,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    void this.answer(thrown, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** Also for what fails outside of Nest's routes (Fastify hooks and parsers). */
  answer(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const error = toFirekeepError(thrown);
    const context = requestContext(request.raw);
    if (error.category === 'internal') {
      this.logger.error('request failed', {
        requestId: context.requestId,
        code: error.code,
        error: describe(error),
      });
    }
    if (error.code === 'DATABASE_UNAVAILABLE' && Date.now() >= this.nextWarning) {
      this.nextWarning = Date.now() + WARNING_INTERVAL_MS;
      this.logger.warn('the database is not available', { error: describe(error) });
    }
    // A guard has answered by a page or a redirect, and let nothing through.
    if (reply.sent) return reply;
    const rendered = this.renderers.render(error, request.raw, context);
    if (error.retryAfter !== undefined) reply.header('retry-after', String(Math.ceil(error.retryAfter)));
    return reply
      .status(rendered.status)
      .headers({ ...rendered.headers, ...error.headers })
      .send(rendered.body);
  }
}

function describe(error: FirekeepErrorLike): object {
  const cause = error.cause instanceof Error ? { cause: error.cause.message, stack: error.cause.stack } : {};
  return { message: error.message, detail: error.detail, ...cause };
}

interface FirekeepErrorLike {
  readonly message: string;
  readonly detail: string | undefined;
  readonly cause?: unknown;
}
