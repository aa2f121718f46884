import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { BasicStrategy as PassportHttpBasicStrategy } from 'passport-http';
import { PasswordAuthentication, type User } from '../../users/index.js';
import { withActions } from './passport-actions.js';

/** What the strategy reads of a request. */
export interface BasicRequest {
  readonly authorization: string;
  readonly address: string;
}

/** Why the user was not accepted; for the administrator. */
export interface BasicFailure {
  readonly reason: 'malformed' | 'unknown-user' | 'wrong-password' | 'disabled' | 'throttled';
  /** Of the account; null: there is none. */
  readonly username: string | null;
  /** By which a name that is nobody's is recognised when it comes again; null: there is an account, or no name. */
  readonly mark: string | null;
  readonly retryAfter?: number;
}

type Verified = (error: unknown, user?: User | false, info?: BasicFailure) => void;
type Verify = (request: BasicRequest, username: string, password: string, done: Verified) => void;

const base64Shape = /^[Bb][Aa][Ss][Ii][Cc] +([A-Za-z0-9+/]+={0,2}) *$/;
const maximumLength = 8192;

/** User and password of an `Authorization: Basic` header (RFC 7617 section 2): UTF-8, split at the first colon. */
export function parseBasic(authorization: string): { username: string; password: string } | undefined {
  if (authorization.length > maximumLength) return undefined;
  const encoded = base64Shape.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(encoded, 'base64'));
  } catch {
    // Not UTF-8.
    return undefined;
  }
  const colon = text.indexOf(':');
  // RFC 7617 forbids control characters in both.
  if (colon < 1 || /[\x00-\x1f\x7f]/.test(text)) return undefined;
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/**
 * passport-http with RFC 7617 parsing: the original splits at every colon, so that passwords with a colon
 * break, decodes with a deprecated constructor and finds `Basic` anywhere in the header.
 */
class Rfc7617Strategy extends withActions<Verify>(PassportHttpBasicStrategy) {
  override authenticate(request: BasicRequest): void {
    const parsed = parseBasic(request.authorization);
    if (parsed === undefined) {
      this.fail({ reason: 'malformed', username: null, mark: null } satisfies BasicFailure);
      return;
    }
    this._verify(request, parsed.username, parsed.password, (error, user, info) => {
      if (error) this.error(error);
      else if (user) this.success(user);
      else this.fail(info ?? {});
    });
  }
}

/** HTTP Basic against the accounts of this server. */
@Injectable()
export class BasicStrategy extends PassportStrategy(Rfc7617Strategy, 'basic') {
  constructor(private readonly passwords: PasswordAuthentication) {
    super({ realm: 'Firekeep', passReqToCallback: true });
  }

  async validate(
    request: BasicRequest,
    username: string,
    password: string,
  ): Promise<User | [false, BasicFailure]> {
    const result = await this.passwords.verify(username, password, { address: request.address });
    if (result.ok) return result.user;
    const { reason, username: known, mark, retryAfter } = result;
    return [false, { reason, username: known, mark, ...(retryAfter === undefined ? {} : { retryAfter }) }];
  }
}
