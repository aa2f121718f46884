import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Settings } from '../../platform/config/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { goOn, askedLanguages } from '../http/page-requests.js';
import { inLanguage } from '../texts/languages.js';
import { BrowserSessions } from '../provider/browser-sessions.js';
import type { Oauth2Route, Oauth2Routes } from '../http/oauth2-route.js';
import { readForm } from '../http/parsed-body.js';
import { pageTarget, signInPath } from './page-target.js';
import { SignInForm, type SignInPlace } from '../sign-in/sign-in.form.js';

const longestForm = 4096;

/** Where people without a session are led to, on their way to a page: `/oauth2/sign-in?to=/pages/…`. */
@Injectable()
export class SignInRoutes implements Oauth2Routes {
  readonly routes: readonly Oauth2Route[] = [
    {
      method: ['GET'],
      path: signInPath,
      answers: 'page',
      handle: (request, reply) => this.show(request, reply),
    },
    {
      method: ['POST'],
      path: signInPath,
      answers: 'page',
      handle: (request, reply) => this.answer(request, reply),
    },
  ];

  constructor(
    private readonly sessions: BrowserSessions,
    private readonly form: SignInForm,
    private readonly settings: Settings,
  ) {}

  private async show(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const place = this.placeOf(request);
    if ((await this.sessions.of(request.raw, reply.raw)) === undefined) {
      return this.form.show(request, reply, place);
    }
    return goOn(reply, place.after);
  }

  private async answer(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const form = await readForm(request.raw, longestForm);
    return this.form.answer(request, reply, form, this.placeOf(request));
  }

  private placeOf(request: FastifyRequest): SignInPlace {
    const { to } = request.query as Readonly<Record<string, unknown>>;
    const { issuer } = this.settings;
    const after = pageTarget(issuer, to);
    if (after === undefined) {
      throw new FirekeepError(
        'invalid',
        'OAUTH2_NO_SUCH_PAGE',
        'There is no page of this server to go on to.',
      );
    }
    const path = `${new URL(issuer).pathname}${signInPath}`;
    const address = `${path}?${new URLSearchParams({ to: String(to) }).toString()}`;
    return {
      ...{ path, after, purpose: 'login.page' },
      addressIn: (language) => inLanguage(address, language ?? askedLanguages(request)),
    };
  }
}
