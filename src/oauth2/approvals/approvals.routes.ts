import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Settings } from '../../platform/config/index.js';
import { FormTokens, forged } from '../http/form-tokens.js';
import { askedLanguages, goOn } from '../http/page-requests.js';
import { SignInForm, type SignInPlace } from '../sign-in/sign-in.form.js';
import { approvalsPage, outcomes, type ApprovalsOutcome } from '../pages/approvals.page.js';
import { inLanguage, textsFor } from '../texts/languages.js';
import type { Texts } from '../texts/texts.js';
import { BrowserSessions, type BrowserSession } from '../provider/browser-sessions.js';
import type { Oauth2Route, Oauth2Routes } from '../http/oauth2-route.js';
import { readForm } from '../http/parsed-body.js';
import { Pages } from '../theme/themed-pages.js';
import { RevocationService } from '../token/revocation.service.js';
import { ApprovalsOverview } from './approvals-overview.js';

const longestForm = 4096;
const longestClientId = 128;
const lastPage = 10_000;
const sessionsShown = 20;
const everything = { app: undefined, page: 1 };

/** What of the applications is shown. */
interface Place {
  readonly app: string | undefined;
  readonly page: number;
  /** What the address says of the language: OpenID Connect's `ui_locales`. */
  readonly uiLocales: unknown;
}

/**
 * The page where people see and end what they approved, and where they are signed in: `management_endpoint`.
 * https://hl7.org/fhir/smart-app-launch/conformance.html#metadata
 */
@Injectable()
export class ApprovalsRoutes implements Oauth2Routes {
  readonly routes: readonly Oauth2Route[] = [
    {
      method: ['GET'],
      path: '/approvals',
      answers: 'page',
      handle: (request, reply) => this.show(request, reply),
    },
    {
      method: ['POST'],
      path: '/approvals',
      answers: 'page',
      handle: (request, reply) => this.answer(request, reply),
    },
  ];

  constructor(
    private readonly sessions: BrowserSessions,
    private readonly overview: ApprovalsOverview,
    private readonly revocation: RevocationService,
    private readonly signIn: SignInForm,
    private readonly pages: Pages,
    private readonly formTokens: FormTokens,
    private readonly settings: Settings,
  ) {}

  private async show(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const session = await this.sessions.of(request.raw, reply.raw);
    const place = placeOf(request);
    if (session === undefined) return this.signIn.show(request, reply, this.signInPlace(place));
    const { username } = session;
    const list = await (place.app === undefined
      ? this.overview.applications(username, place.page)
      : this.overview.ofApplication(username, place.app, place.page));
    if (list.applications.length === 0 && place.page > 1) {
      return this.goOn(reply, this.address({ ...place, page: 1 }));
    }
    const page = approvalsPage({
      ...{ texts: textsOf(request), list, username },
      action: this.address({ ...place, ...everything }),
      addressOf: (part) => this.address({ ...place, ...everything, ...part }),
      addressIn: (language) => this.address({ ...place, uiLocales: language }),
      signOut: inLanguage(this.path.replace(/approvals$/, 'logout'), place.uiLocales),
      csrf: this.formTokens.of(pageOf(session)),
      timeZone: this.settings.get('timeZone'),
      outcome: outcomeOf(request),
      ...(await this.otherSessions(session)),
      session,
    });
    return this.pages.send(reply, 200, page);
  }

  private async otherSessions({
    username,
    uid,
  }: BrowserSession): Promise<{ others: readonly BrowserSession[]; hasMore: boolean }> {
    const found = (await this.sessions.list(username, sessionsShown + 2)).filter(
      (session) => session.uid !== uid,
    );
    return { others: found.slice(0, sessionsShown), hasMore: found.length > sessionsShown };
  }

  private async answer(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const form = await readForm(request.raw, longestForm);
    if (form.get('step') === 'login') {
      return this.signIn.answer(request, reply, form, this.signInPlace(placeOf(request)));
    }
    const session = await this.sessions.of(request.raw, reply.raw);
    // What was asked for is not done behind a sign-in: the page is shown again first.
    const place = { ...placeOf(request), ...everything };
    if (session === undefined) return this.goOn(reply, this.address(place));
    this.formTokens.check(pageOf(session), form);
    const done = await this.end(session, form, request.ip);
    return this.goOn(reply, this.address(place, { done }));
  }

  private async end(
    session: BrowserSession,
    form: URLSearchParams,
    address: string,
  ): Promise<ApprovalsOutcome> {
    const { username, uid } = session;
    const done = (outcome: ApprovalsOutcome, any: boolean): ApprovalsOutcome => (any ? outcome : 'gone');
    const value = form.get('value') ?? '';
    switch (form.get('end')) {
      case 'app':
        return done(
          'app',
          value.length <= longestClientId && (await this.revocation.revokeApproval(username, value, address)),
        );
      case 'access':
        return done(
          'access',
          /^[0-9a-f]{64}$/.test(value) &&
            (await this.revocation.revokeGrant(username, Buffer.from(value, 'hex'), address)),
        );
      case 'session':
        return done(
          'session',
          /^[\w-]{1,64}$/.test(value) && (await this.sessions.end(username, value, address)),
        );
      case 'sessions':
        return done('sessions', (await this.sessions.endOthers(username, uid, address)) > 0);
      default:
        throw forged();
    }
  }

  private signInPlace(place: Place): SignInPlace {
    return {
      ...{ path: this.path, purpose: 'login.approvals', after: this.address(place) },
      addressIn: (language = place.uiLocales) => this.address({ ...place, uiLocales: language }),
    };
  }

  private get path(): string {
    return `${new URL(this.settings.issuer).pathname}/approvals`;
  }

  /** @param address path and query */
  private goOn(reply: FastifyReply, address: string): unknown {
    return goOn(reply, new URL(address, this.settings.issuer).href);
  }

  private address({ app, page, uiLocales }: Place, more: Readonly<Record<string, string>> = {}): string {
    const query = new URLSearchParams({
      ...(app === undefined ? {} : { app }),
      ...(page === 1 ? {} : { page: String(page) }),
      ...more,
    }).toString();
    return inLanguage(query === '' ? this.path : `${this.path}?${query}`, uiLocales);
  }
}

/** What tokens against forgery are bound to. */
function pageOf({ uid }: BrowserSession): string {
  return `approvals ${uid}`;
}

function textsOf(request: FastifyRequest): Texts {
  return textsFor(askedLanguages(request), request.headers['accept-language']);
}

function placeOf(request: FastifyRequest): Place {
  const { app, page } = request.query as Readonly<Record<string, unknown>>;
  const number = typeof page === 'string' && /^[1-9]\d{0,4}$/.test(page) ? Number(page) : 1;
  return {
    app: typeof app === 'string' && app !== '' && app.length <= longestClientId ? app : undefined,
    page: number <= lastPage ? number : 1,
    uiLocales: askedLanguages(request),
  };
}

function outcomeOf(request: FastifyRequest): ApprovalsOutcome | undefined {
  const { done } = request.query as Readonly<Record<string, unknown>>;
  return outcomes.find((outcome) => outcome === done);
}
