import type { IncomingMessage } from 'node:http';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { FirekeepError } from '../../platform/errors/index.js';
import {
  ErrorRenderers,
  pagesPath,
  type ErrorRenderer,
  type RenderedError,
  type RequestContext,
} from '../../platform/http/index.js';
import { errorPage } from '../pages/error.page.js';
import { textsFor } from '../texts/languages.js';
import { Pages } from '../theme/themed-pages.js';

/** What fails below `/oauth2/pages/`, as a page. */
@Injectable()
export class PageErrors implements ErrorRenderer, OnModuleInit {
  constructor(
    private readonly renderers: ErrorRenderers,
    private readonly pages: Pages,
  ) {}

  onModuleInit(): void {
    this.renderers.add(this);
  }

  handles(_request: IncomingMessage, { url }: RequestContext): boolean {
    return url.startsWith(pagesPath);
  }

  render(error: FirekeepError, request: IncomingMessage): RenderedError {
    const texts = textsFor(undefined, request.headers['accept-language']);
    const told = { error: error.code, error_description: error.message };
    return this.pages.render(error.status, errorPage(told, texts));
  }
}
