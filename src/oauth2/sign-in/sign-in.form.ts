import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Settings } from '../../platform/config/index.js';
import { FormTokens, forged } from '../http/form-tokens.js';
import { askedLanguages, goOn } from '../http/page-requests.js';
import { sendLogin } from './login-answer.js';
import { loginPage, type LoginProblem, type LoginPurpose } from '../pages/login.page.js';
import type { Page } from '../pages/page.js';
import { textsFor } from '../texts/languages.js';
import { PasswordSignIn } from './password-sign-in.js';
import { BrowserSessions } from '../provider/browser-sessions.js';
import { cookieName } from '../http/cookie-name.js';
import { Pages } from '../theme/themed-pages.js';

const nonceLifetime = 30 * 60;
const nonceShape = /^[\w-]{32}$/;

/** A page of this server itself that people sign in for. */
export interface SignInPlace {
  /** Where the form is sent to, without the query: the cookie goes there alone. */
  readonly path: string;
  readonly purpose: LoginPurpose;
  /** Path and query of the form in a language; undefined: as it was asked for. */
  readonly addressIn: (language?: string) => string;
  /** Where the person goes on to. */
  readonly after: string;
}

/**
 * Signing in at a page of this server itself, where no client waits for the answer. The form is bound to a cookie of the
 * browser that it was shown in.
 */
@Injectable()
export class SignInForm {
  constructor(
    private readonly sessions: BrowserSessions,
    private readonly signIns: PasswordSignIn,
    private readonly pages: Pages,
    private readonly formTokens: FormTokens,
    private readonly settings: Settings,
  ) {}

  show(request: FastifyRequest, reply: FastifyReply, place: SignInPlace): unknown {
    const nonce = this.nonceOf(request) ?? randomBytes(24).toString('base64url');
    reply.header('set-cookie', this.cookie(nonce, place.path));
    return this.pages.send(reply, 200, this.page(request, place, nonce));
  }

  async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    form: URLSearchParams,
    place: SignInPlace,
  ): Promise<unknown> {
    const nonce = this.nonceOf(request);
    if (nonce === undefined) throw forged();
    this.formTokens.check(boundTo(nonce), form);
    const outcome = await this.signIns.attempt(form, null, request.ip);
    if (!outcome.ok) {
      const { username, problem } = outcome;
      return sendLogin(this.pages, reply, outcome, this.page(request, place, nonce, { username, problem }));
    }
    await this.sessions.begin(request.raw, reply.raw, outcome.username);
    return goOn(reply, new URL(place.after, this.settings.issuer).href);
  }

  private page(
    request: FastifyRequest,
    place: SignInPlace,
    nonce: string,
    again: { readonly username: string; readonly problem?: LoginProblem } = { username: '' },
  ): Page {
    return loginPage({
      ...again,
      texts: textsFor(askedLanguages(request), request.headers['accept-language']),
      action: place.addressIn(),
      addressIn: place.addressIn,
      csrf: this.formTokens.of(boundTo(nonce)),
      client: undefined,
      purpose: place.purpose,
      formTargets: [],
    });
  }

  private get cookieName(): string {
    return cookieName('sign_in', this.settings.issuer);
  }

  /** Of whoever is shown the form; goes back with that form only, and only from this site. */
  private cookie(nonce: string, path: string): string {
    const secure = this.settings.issuer.startsWith('https:') ? '; Secure' : '';
    return `${this.cookieName}=${nonce}; Path=${path}; Max-Age=${nonceLifetime}; HttpOnly; SameSite=Strict${secure}`;
  }

  private nonceOf(request: FastifyRequest): string | undefined {
    const prefix = `${this.cookieName}=`;
    const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
    const value = pairs.find((pair) => pair.startsWith(prefix))?.slice(prefix.length);
    return value !== undefined && nonceShape.test(value) ? value : undefined;
  }
}

function boundTo(nonce: string): string {
  return `sign-in ${nonce}`;
}
