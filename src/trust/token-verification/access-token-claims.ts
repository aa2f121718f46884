import type { AccessTokenClaims, TokenRejection } from '../../contract/index.js';
import { printable } from '../outbound/printable.js';
import { rejected } from './rejection.js';

type Json = Readonly<Record<string, unknown>>;

/** Seconds by which the clocks of two servers may differ. */
export const clockSkew = 10;

export interface ClaimRules {
  readonly issuer: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What `exp` is taken for where it is missing, seconds; undefined: then the token is rejected. */
  readonly expiryIfMissing?: number;
  /** An introspection says by `active` that the time is right; a JWT has to say it itself. */
  readonly requireIssuer: boolean;
}

export type ClaimsResult =
  | { readonly ok: true; readonly claims: AccessTokenClaims }
  | { readonly ok: false; readonly rejection: TokenRejection };

/** Claims of RFC 9068 section 2.2, or of an introspection (RFC 7662 section 2.2), checked and put into one shape. */
export function readClaims(json: Json, rules: ClaimRules): ClaimsResult {
  const now = Math.floor(rules.now / 1000);
  if (json.iss !== rules.issuer && (rules.requireIssuer || json.iss !== undefined)) {
    return rejected(
      'token-issuer',
      `issuer ${rules.issuer}`,
      typeof json.iss === 'string' ? `issuer ${printable(json.iss)}` : 'no issuer',
      'Get the token from the issuer of the client configuration, or correct the OAuth client name of the endpoint.',
    );
  }
  const expiresAt = json.exp ?? rules.expiryIfMissing;
  const time = checkTime(json, expiresAt, now);
  if (time !== undefined) return time;
  const { client_id: clientId } = json;
  const subject = json.sub ?? clientId;
  if (!isText(clientId) || !isText(subject)) {
    return rejected(
      'token-form',
      'the claims client_id and sub',
      isText(clientId) ? 'no usable sub' : 'no usable client_id',
      'Have the authorization server write access tokens as RFC 9068 says, client_id included.',
    );
  }
  const keyThumbprint = boundKey(json.cnf);
  if (keyThumbprint === undefined) {
    return rejected(
      'token-form',
      'a bearer token, or one that is bound to a key (cnf.jkt)',
      'a token that is bound in another way (cnf)',
      'Have tokens for this server issued without certificate binding.',
    );
  }
  return {
    ok: true,
    claims: {
      issuer: rules.issuer,
      subject,
      clientId,
      isUserToken: isUser(json, clientId),
      scopes: typeof json.scope === 'string' ? json.scope.split(' ').filter((scope) => scope !== '') : [],
      audience: textList(json.aud),
      issuedAt: typeof json.iat === 'number' ? json.iat : null,
      expiresAt: expiresAt as number,
      fhirUser: textOrNull(json.fhirUser),
      patient: textOrNull(json.patient),
      encounter: textOrNull(json.encounter),
      keyThumbprint,
    },
  };
}

/**
 * A token without a user carries the client's id as its subject, and never passes for a user's (RFC 9700 section
 * 4.15, https://www.rfc-editor.org/rfc/rfc9700#section-4.15).
 */
function isUser(json: Json, clientId: string): boolean {
  const { sub, subject_type: kind, gty: grant } = json;
  if (!isText(sub) || sub === clientId) return false;
  // Firekeep's own mark, and one that others use.
  return (
    (kind === undefined || kind === 'user') &&
    grant !== 'client_credentials' &&
    grant !== 'client-credentials'
  );
}

/** https://www.rfc-editor.org/rfc/rfc9449#section-6 @returns undefined: bound in a way that can't be checked here. */
function boundKey(confirmation: unknown): string | null | undefined {
  if (confirmation === undefined) return null;
  if (typeof confirmation !== 'object' || confirmation === null) return undefined;
  const { jkt, ...others } = confirmation as { jkt?: unknown };
  return isText(jkt) && Object.keys(others).length === 0 ? jkt : undefined;
}

function checkTime(json: Json, expiresAt: unknown, now: number): ClaimsResult | undefined {
  const clocks = 'Get a new token; where it is new, compare the clocks of both servers.';
  if (typeof expiresAt !== 'number' || !Number.isFinite(expiresAt)) {
    return rejected('token-time', 'a time of expiry (exp)', 'none', 'Have tokens issued with exp.');
  }
  if (expiresAt <= now - clockSkew) {
    return rejected(
      'token-time',
      `a time of expiry after ${iso(now)}`,
      `expired at ${iso(expiresAt)}`,
      clocks,
    );
  }
  for (const member of ['nbf', 'iat'] as const) {
    const value = json[member];
    if (value === undefined) continue;
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      return rejected(
        'token-form',
        `a number as ${member}`,
        'something else',
        'Have it corrected at the issuer.',
      );
    }
    if (value > now + clockSkew) {
      return rejected('token-time', `${member} of at most ${iso(now)}`, `${member} ${iso(value)}`, clocks);
    }
  }
  return undefined;
}

function iso(seconds: number): string {
  const milliseconds = seconds * 1000;
  return Math.abs(milliseconds) > 8.64e15 ? 'a time out of range' : new Date(milliseconds).toISOString();
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 2000;
}

function textOrNull(value: unknown): string | null {
  return isText(value) ? value : null;
}

function textList(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
