import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { FirekeepError } from '../../platform/errors/index.js';
import type { Oauth2Route, Oauth2Routes } from '../http/oauth2-route.js';
import type { ThemeFileKind } from './theme-file.js';
import { Theme, themePaths } from './theme.js';

/** Files of the theme, from this server: pages load from nowhere else. */
@Injectable()
export class ThemeRoutes implements Oauth2Routes {
  readonly routes: readonly Oauth2Route[] = (Object.keys(themePaths) as ThemeFileKind[]).map((kind) => ({
    method: ['GET'],
    path: themePaths[kind],
    answers: 'json',
    handle: (_request, reply) => this.serve(kind, reply),
  }));

  constructor(private readonly theme: Theme) {}

  private serve(kind: ThemeFileKind, reply: FastifyReply): Promise<unknown> {
    const file = this.theme.file(kind);
    if (file === undefined) {
      throw new FirekeepError('not-found', 'OAUTH2_THEME_ABSENT', 'The theme has no such file.');
    }
    return Promise.resolve(
      reply
        .headers({
          'content-type': file.mediaType,
          // Addresses carry the version.
          'cache-control': 'public, max-age=86400',
          'x-content-type-options': 'nosniff',
          // A drawing can hold script, which must not run where it is opened by itself.
          'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
          ...(kind === 'smart-style' ? { 'access-control-allow-origin': '*' } : {}),
        })
        .send(file.content),
    );
  }
}
