import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Settings } from '../../platform/config/index.js';
import { requestContext, type PageAudience, type PageGate } from '../../platform/http/index.js';
import { UsersService } from '../../users/index.js';
import { FormTokens } from '../http/form-tokens.js';
import { askedLanguages, goOn } from '../http/page-requests.js';
import { extensionPage, notForYouPage } from '../pages/extension.page.js';
import { inLanguage, textsFor } from '../texts/languages.js';
import { BrowserSessions, type BrowserSession } from '../provider/browser-sessions.js';
import { Pages } from '../theme/themed-pages.js';
import { askForSignIn } from './page-target.js';
import { setVisit } from './visitor.js';

/** In front of the pages of extensions: a session of this server, its user's role, and forms of its own. */
@Injectable()
export class VisitorGate implements PageGate {
  constructor(
    private readonly sessions: BrowserSessions,
    private readonly users: UsersService,
    private readonly formTokens: FormTokens,
    private readonly pages: Pages,
    private readonly settings: Settings,
  ) {}

  async admit(request: FastifyRequest, reply: FastifyReply, audience: PageAudience): Promise<boolean> {
    const session = await this.sessions.of(request.raw, reply.raw);
    const user = session && (await this.users.findByUsername(session.username));
    if (session === undefined || user?.enabled !== true) {
      // What was asked for is not done behind a sign-in: the page is shown again first.
      goOn(reply, askForSignIn(this.settings.issuer, requestContext(request.raw).url));
      return false;
    }
    const texts = textsFor(askedLanguages(request), request.headers['accept-language']);
    const { username, roles, fhirUser } = user;
    const reader = { texts, username, signOut: this.signOut(request) };
    if (audience === 'administrators' && !roles.includes('admin')) {
      this.pages.send(reply, 403, notForYouPage(reader));
      return false;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      this.formTokens.check(boundTo(session), formOf(request.body));
    }
    setVisit(request.raw, {
      visitor: { username, roles, fhirUser },
      token: this.formTokens.of(boundTo(session)),
      send: (to, content) => this.pages.send(to, content.status ?? 200, extensionPage(content, reader)),
      addressOf: (path) => this.settings.publicUrl + path,
    });
    return true;
  }

  private signOut(request: FastifyRequest): string {
    return inLanguage(`${new URL(this.settings.issuer).pathname}/logout`, askedLanguages(request));
  }
}

/** What tokens against forgery are bound to. */
function boundTo({ uid }: BrowserSession): string {
  return `page ${uid}`;
}

function formOf(body: unknown): URLSearchParams {
  const csrf = (body as Readonly<Record<string, unknown>> | null | undefined)?.csrf;
  return new URLSearchParams(typeof csrf === 'string' ? { csrf } : {});
}
