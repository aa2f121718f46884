import type { AccessTokenClaims, TokenRejection } from '../../contract/index.js';
import { cleanText } from '../../platform/text/index.js';
import { rejected } from './rejection.js';

type Json = Readonly<Record<string, unknown>>;

/** Seconds by which the clocks of two servers may differ. */
export const clockSkew = 10;

/** Seconds since the epoch: the last moment that has a date. */
const latestTime = 8.64e12;

export interface ClaimRules {
  readonly issuer: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What `exp` is taken for where it is missing, seconds; undefined: then the token is rejected. */
  readonly expiryIfMissing?: number;
  /** Seconds that `exp` may be ahead; undefined: any time, since the issuer is asked again anyway. */
  readonly longestLifetime?: number;
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
      typeof json.iss === 'string' ? `issuer ${cleanText(json.iss)}` : 'no issuer',
      'Get the token from the issuer of the client configuration, or correct the OAuth client name of the endpoint.',
    );
  }
  const expiresAt = json.exp ?? rules.expiryIfMissing;
  const time = checkTime(json, expiresAt, now, rules.longestLifetime);
  if (time !== undefined) return time;
  const { client_id: clientId } = json;
  const subject = json.sub ?? clientId;
  if (!isIdentifier(clientId, longest.clientId) || !isIdentifier(subject, longest.subject)) {
    return rejected(
      'token-form',
      'the claims client_id and sub, of printable ASCII (RFC 6749 appendix A.1) and at most 512 and 255 characters',
      isIdentifier(clientId, longest.clientId) ? 'no usable sub' : 'no usable client_id',
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
      scopes: typeof json.scope === 'string' ? json.scope.split(' ').filter(isScope) : [],
      audience: textList(json.aud),
      issuedAt: typeof json.iat === 'number' ? json.iat : null,
      expiresAt: expiresAt as number,
      fhirUser: textOf(json.fhirUser, referenceShape),
      patient: textOf(json.patient, idShape),
      encounter: textOf(json.encounter, idShape),
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

function checkTime(
  json: Json,
  expiresAt: unknown,
  now: number,
  longestLifetime = Infinity,
): ClaimsResult | undefined {
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
  if (expiresAt > Math.min(now + longestLifetime + clockSkew, latestTime)) {
    return rejected(
      'token-time',
      `a time of expiry of at most ${iso(now + Math.min(longestLifetime, latestTime - now))}`,
      `it expires at ${iso(expiresAt)}`,
      'Have tokens for this server issued for a shorter time, or raise FIREKEEP_TRUSTED_TOKEN_LIFETIME.',
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

/** Characters at the most. Of `sub`: OpenID Connect Core section 2. */
const longest = { clientId: 512, subject: 255, audience: 2000 };
const printableAscii = /^[\x20-\x7e]+$/;
/** RFC 6749 section 3.3; others are none that could permit anything. */
const scopeShape = /^[\x21\x23-\x5b\x5d-\x7e]{1,500}$/;
const idShape = /^[A-Za-z0-9.-]{1,64}$/;
/** To a resource, relative or absolute; SMART App Launch, scopes for requesting identity data. */
const referenceShape =
  /^(?:https?:\/\/[\x21\x24-\x3e\x40-\x7e]{1,500}\/)?[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9.-]{1,64}$/;

/** What a server says who somebody is goes into records, pages and terminals: nothing that isn't seen there is taken. */
function isIdentifier(value: unknown, most: number): value is string {
  return typeof value === 'string' && value.length <= most && printableAscii.test(value);
}

function isScope(text: string): boolean {
  return scopeShape.test(text);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= longest.audience;
}

function textOf(value: unknown, shape: RegExp): string | null {
  return typeof value === 'string' && shape.test(value) ? value : null;
}

function textList(value: unknown): string[] {
  if (typeof value === 'string') return [value].filter(isText);
  return Array.isArray(value) ? value.filter(isText) : [];
}
