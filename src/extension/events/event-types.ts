import type { Principal } from '../../contract/index.js';

/** What happens in Firekeep, by name. Values carry no password, token or body; they are shared, and not changed. */
export interface FirekeepEventTypes {
  /** At the sign-in page. `clientId` null: for a page of this server. */
  readonly 'signed-in': {
    readonly username: string;
    readonly clientId: string | null;
    readonly address: string;
  };
  readonly 'sign-in-refused': {
    /** Of the account; null: what was typed is no account's, and may be a password. */
    readonly username: string | null;
    /** By which a name that is nobody's is recognised when it comes again; null: there is an account. */
    readonly mark: string | null;
    readonly clientId: string | null;
    readonly address: string;
    readonly reason: string;
  };
  readonly 'consent-given': {
    readonly username: string;
    readonly clientId: string;
    readonly scopes: readonly string[];
    /** Patient in context, an id; null: none. */
    readonly patient: string | null;
  };
  readonly 'consent-denied': { readonly username: string; readonly clientId: string };
  /** Someone came with a launch that can't go on. */
  readonly 'launch-refused': {
    readonly username: string;
    readonly clientId: string;
    readonly address: string;
    readonly reason: string;
  };
  /** At the token endpoint. */
  readonly 'token-issued': {
    readonly grantType: string;
    readonly clientId: string;
    /** Null: a client by itself. */
    readonly username: string | null;
    readonly audience: string | null;
    readonly scopes: readonly string[];
    readonly address: string | null;
  };
  readonly 'token-refused': {
    readonly grantType: string;
    readonly clientId: string | null;
    /** Of RFC 6749: `invalid_grant`. */
    readonly error: string;
    readonly address: string | null;
  };
  /** Taken back before its time: `token`, `session`, `user alice`, `client growth-app`, `approval growth-app`. */
  readonly revoked: {
    readonly what: string;
    readonly clientId: string | null;
    readonly username: string | null;
    readonly address: string | null;
  };
  readonly 'client-registered': { readonly clientId: string; readonly initialAccessTokenId: string | null };
  /** A change that an administrator made, or the command line or bootstrap file (`program`). */
  readonly 'administration-changed': {
    readonly username: string | null;
    readonly clientId: string | null;
    readonly address: string | null;
    readonly program?: string;
    /** As at the management API. */
    readonly method: string;
    /** Address below the management API: `users/alice`. */
    readonly object: string;
  };
  /** The gate has refused a request; equal refusals within a minute are one event. */
  readonly 'access-refused': {
    /** What `firekeep explain` takes. */
    readonly reference: string;
    /** Name of the check that failed. */
    readonly check: string;
    /** Base URL. */
    readonly endpoint: string;
    readonly method: string;
    readonly path: string;
    readonly subject: string | null;
    readonly clientId: string | null;
    readonly address: string;
  };
  /** A write that has been committed; of a transaction, each. */
  readonly 'resource-written': {
    readonly kind: 'create' | 'update' | 'delete';
    readonly type: string;
    readonly id: string;
    readonly version: number;
    /** Base URL. */
    readonly endpoint: string;
    readonly principal: Principal;
  };
}

export type FirekeepEventName = keyof FirekeepEventTypes;
