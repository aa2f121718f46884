import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { RenderedError } from '../../platform/http/index.js';
import { contentSecurityPolicy, renderPage, type Page } from '../pages/page.js';
import { Theme } from './theme.js';

/** Of a request of the protocol engine, what a page needs. */
interface EngineAnswer {
  type: string;
  body: unknown;
  readonly response: { is(type: string): string | false | null };
  set(name: string, value: string): void;
}

/** The one way by which pages go out: with the theme of this server and their policy. */
@Injectable()
export class Pages {
  private readonly own = new WeakSet<object>();

  constructor(private readonly theme: Theme) {}

  send(reply: FastifyReply, status: number, page: Page): unknown {
    const { headers, body } = this.render(status, page);
    return reply.status(status).headers(headers).send(body);
  }

  render(status: number, page: Page): RenderedError {
    const { look } = this.theme;
    return {
      status,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'content-security-policy': contentSecurityPolicy(page, look),
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      },
      body: renderPage(page, look),
    };
  }

  /** Sends a page in the engine's name. */
  answer(ctx: EngineAnswer, page: Page): void {
    const { look } = this.theme;
    ctx.type = 'html';
    ctx.body = renderPage(page, look);
    ctx.set('Cache-Control', 'no-store');
    ctx.set('Content-Security-Policy', contentSecurityPolicy(page, look));
    this.own.add(ctx);
  }

  /** Whether what is about to be sent is a form that did not go through here: one of the engine's. */
  isForeign(ctx: EngineAnswer): boolean {
    const { response, body } = ctx;
    return (
      response.is('html') !== false &&
      typeof body === 'string' &&
      body.includes('<form') &&
      !this.own.has(ctx)
    );
  }
}
