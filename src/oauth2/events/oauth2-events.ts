import { Injectable } from '@nestjs/common';
import { Signal } from '../../platform/events/index.js';

/** What happens in the authorization server, for audit and log. Values carry no token and no password. */
@Injectable()
export class Oauth2Events {
  /** Client id null: for a page of this server. */
  readonly signedIn = new Signal<{ username: string; clientId: string | null; address: string }>();
  readonly signInRefused = new Signal<{
    /** Of the account; null: what was typed is no account's, and may be a password. */
    username: string | null;
    /** By which a name that is nobody's is recognised when it comes again; null: there is an account. */
    mark: string | null;
    clientId: string | null;
    address: string;
    reason: string;
  }>();
  readonly consentGiven = new Signal<{
    username: string;
    clientId: string;
    scopes: readonly string[];
    /** In context; null: none. */
    patient: string | null;
  }>();
  /** Someone came with a launch that can't go on. */
  readonly launchRefused = new Signal<{
    username: string;
    clientId: string;
    address: string;
    reason: string;
  }>();
  readonly consentDenied = new Signal<{ username: string; clientId: string }>();
  readonly tokenIssued = new Signal<{
    grantType: string;
    clientId: string;
    username: string | null;
    audience: string | null;
    scopes: readonly string[];
    address: string | null;
  }>();
  readonly tokenRefused = new Signal<{
    grantType: string;
    clientId: string | null;
    error: string;
    address: string | null;
  }>();
  /** What was taken back before its time: `token`, `session`, `user alice`, `client growth-app`, `approval growth-app`. */
  readonly revoked = new Signal<{
    what: string;
    clientId: string | null;
    username: string | null;
    address: string | null;
  }>();
  readonly clientRegistered = new Signal<{ clientId: string; initialAccessTokenId: string | null }>();
}
