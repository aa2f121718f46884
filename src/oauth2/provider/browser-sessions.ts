import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { UsersService } from '../../users/index.js';
import { Logger } from '../../platform/logging/index.js';
import { Oauth2Events } from '../events/oauth2-events.js';
import type { ArtifactPayload } from '../store/artifact-codec.js';
import { ArtifactStore } from '../store/artifact-store.js';
import { browserName, keptBrowserName, type BrowserName } from './browser-name.js';
import { ProviderHost } from './provider.host.js';
import { lifetimes, sessionCookie } from './provider-configuration.js';

/** Someone signed in with a browser. */
export interface BrowserSession {
  /** Names the session; no credential. */
  readonly uid: string;
  readonly username: string;
  readonly name: BrowserName;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** When it came to the authorization server last. */
  readonly seenAt: number;
}

interface LogoutNotice {
  readonly clientId: string;
  readonly username: string;
  readonly sid: string | undefined;
}

/** Read at once where all are ended. */
const batch = 100;
const mostRounds = 1000;
const noticesAtOnce = 10;
/** Milliseconds that whoever ends a session waits for clients to be told. */
const longestWait = 5_000;

/** Sessions of browsers with this server: the one of a request, and all of a user. */
@Injectable()
export class BrowserSessions {
  constructor(
    private readonly host: ProviderHost,
    private readonly store: ArtifactStore,
    private readonly users: UsersService,
    private readonly events: Oauth2Events,
    private readonly logger: Logger,
  ) {}

  /** Undefined: nobody is signed in with this browser, or the account is disabled or gone. */
  async of(request: IncomingMessage, response: ServerResponse): Promise<BrowserSession | undefined> {
    const { session } = await this.access(request, response);
    const { uid, accountId, loginTs, exp } = session;
    if (accountId === undefined) return undefined;
    if ((await this.users.findByUsername(accountId))?.enabled !== true) return undefined;
    const { browser } = session as { browser?: unknown };
    return described({ uid, accountId, loginTs, exp, browser });
  }

  /**
   * Signs a user in. The cookie is a new one, so that one which was planted before opens nothing; what waits in
   * another window of the browser goes on with the same session.
   */
  async begin(request: IncomingMessage, response: ServerResponse, username: string): Promise<void> {
    const { engine, context, ...found } = await this.access(request, response);
    let { session } = found;
    if (session.accountId !== undefined && session.accountId !== username) {
      await this.end(session.accountId, session.uid, null);
      session = new engine.Session();
    } else session.resetIdentifier();
    session.loginAccount({ accountId: username, amr: ['pwd'], transient: true });
    Object.assign(session, { browser: browserName(request.headers['user-agent']) });
    await session.save(lifetimes.session);
    context.cookies.set(engine.cookieName('session'), session.jti, sessionCookie(engine.issuer));
  }

  /** Of a user, the latest used first. */
  async list(username: string, limit: number): Promise<readonly BrowserSession[]> {
    const payloads = await this.store.sessionsOf(username, limit);
    return payloads.filter(({ uid }) => typeof uid === 'string').map(described);
  }

  /**
   * Does what signing out there does.
   *
   * @param address of who ends it; null: not known
   * @returns whether the user has such a session
   */
  async end(username: string, uid: string, address: string | null): Promise<boolean> {
    const payload = await this.store.findByUid('Session', uid);
    if (payload?.accountId !== username) return false;
    await this.finish([payload], username, address);
    return true;
  }

  /** @param keep uid of the session that stays @returns how many were ended */
  async endOthers(username: string, keep: string, address: string | null): Promise<number> {
    let ended = 0;
    for (let round = 0; round < mostRounds; round += 1) {
      const found = await this.store.sessionsOf(username, batch);
      const others = found.filter(({ uid }) => uid !== keep);
      if (others.length === 0) break;
      await this.finish(others, username, address);
      ended += others.length;
    }
    return ended;
  }

  private async finish(
    payloads: readonly ArtifactPayload[],
    username: string,
    address: string | null,
  ): Promise<void> {
    const notices: LogoutNotice[] = [];
    for (const payload of payloads) {
      await this.store.revokeSession(String(payload.uid));
      for (const [clientId, { grantId, sid, persistsLogout }] of authorizationsOf(payload)) {
        if (grantId !== undefined && persistsLogout !== true) await this.store.revokeGrant(grantId);
        notices.push({ clientId, username, sid });
      }
      this.events.revoked.emit({ what: 'session', clientId: null, username, address });
    }
    await Promise.race([this.tell(notices), pause(longestWait)]);
  }

  /** https://openid.net/specs/openid-connect-backchannel-1_0.html */
  private async tell(notices: readonly LogoutNotice[]): Promise<void> {
    const engine = this.host.current();
    const waiting = [...notices];
    const work = async (): Promise<void> => {
      for (let notice = waiting.shift(); notice !== undefined; notice = waiting.shift()) {
        const { clientId, username, sid } = notice;
        try {
          const client = await engine.Client.find(clientId);
          if (client?.backchannelLogoutUri === undefined) continue;
          await (client as typeof client & LogoutClient).backchannelLogout(username, sid);
        } catch (error) {
          const problem = error instanceof Error ? error.message : String(error);
          this.logger.warn('client not told of a logout', { clientId, problem });
        }
      }
    };
    await Promise.all(Array.from({ length: noticesAtOnce }, work));
  }

  private async access(request: IncomingMessage, response: ServerResponse) {
    const engine = this.host.current();
    const context = engine.createContext(request, response);
    return { engine, context, session: await engine.Session.get(context) };
  }
}

/** What the engine's client can do and its types don't tell. */
interface LogoutClient {
  backchannelLogout(username: string, sid: string | undefined): Promise<void>;
}

interface Authorization {
  readonly grantId?: string;
  readonly sid?: string;
  readonly persistsLogout?: boolean;
}

function authorizationsOf({ authorizations }: ArtifactPayload): [string, Authorization][] {
  return Object.entries((authorizations ?? {}) as Readonly<Record<string, Authorization>>);
}

/** Each visit prolongs a session by its whole lifetime. */
function described(payload: ArtifactPayload): BrowserSession {
  const { uid, accountId, browser, loginTs, exp } = payload;
  const seenAt = (Number(exp) - lifetimes.session) * 1000;
  return {
    uid: String(uid),
    username: String(accountId),
    name: keptBrowserName(browser),
    startedAt: typeof loginTs === 'number' ? loginTs * 1000 : seenAt,
    seenAt,
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
