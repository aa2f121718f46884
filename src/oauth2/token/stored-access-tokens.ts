import { createHash } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type {
  AccessTokenClaims,
  LocalAccessTokens,
  TokenRejection,
  TokenVerification,
} from '../../contract/index.js';
import { ClientsService } from '../../clients/index.js';
import { ExpiringCache } from '../../platform/cache/index.js';
import { Settings } from '../../platform/config/index.js';
import { UsersService } from '../../users/index.js';
import { ArtifactStore, type StoredToken } from '../store/artifact-store.js';
import { looksLikeJwt } from './jwt-access-tokens.js';

const tokenModels = new Set(['AccessToken', 'ClientCredentials']);
/** With the two seconds that users and clients may be old, a revocation elsewhere holds within five. */
const staleAfter = 3_000;

/** Verifies opaque access tokens of this server: one statement for a new one, then memory for three seconds. */
@Injectable()
export class StoredAccessTokens implements LocalAccessTokens, OnModuleInit {
  private readonly good = new ExpiringCache<string, AccessTokenClaims>({
    capacity: 20_000,
    lifetime: staleAfter,
  });

  constructor(
    private readonly store: ArtifactStore,
    private readonly clients: ClientsService,
    private readonly users: UsersService,
    private readonly settings: Settings,
  ) {}

  /** What ends a token on this node ends it at once. */
  onModuleInit(): void {
    const forget = (): void => this.good.clear();
    this.store.revoked.subscribe(forget);
    this.clients.changed.subscribe(forget);
    this.users.changed.subscribe(forget);
  }

  get issuer(): string {
    return this.settings.issuer;
  }

  async verify(token: string): Promise<TokenVerification> {
    if (!/^[\w-]{20,128}$/.test(token)) return rejected(malformed(token));
    const key = createHash('sha256').update(token).digest('base64');
    const known = this.good.get(key);
    if (known !== undefined) {
      return known.expiresAt * 1000 > Date.now()
        ? { ok: true, claims: known }
        : rejected(expired(known.expiresAt));
    }
    let rejection: TokenRejection | undefined;
    const claims = await this.good.load(key, async () => {
      const outcome = await this.read(token);
      if (outcome.ok) return outcome.claims;
      rejection = outcome.rejection;
      return undefined;
    });
    if (claims !== undefined) return { ok: true, claims };
    return rejection === undefined ? this.read(token) : rejected(rejection);
  }

  private async read(token: string): Promise<TokenVerification> {
    const stored = await this.store.findToken(token);
    if (stored === undefined || !tokenModels.has(stored.model) || stored.payload.structured === true) {
      return rejected(unknown);
    }
    const claims = claimsOf(stored, this.issuer);
    // What says how to get a new one comes first: disabling ends tokens, too.
    if (stored.revoked) return (await this.holderProblem(claims)) ?? rejected(revoked);
    if (claims.expiresAt * 1000 <= Date.now()) return rejected(expired(claims.expiresAt));
    return (await this.holderProblem(claims)) ?? { ok: true, claims };
  }

  private async holderProblem(claims: AccessTokenClaims): Promise<TokenVerification | undefined> {
    const client = await this.clients.find(claims.clientId);
    if (client?.enabled !== true) {
      return rejected({
        check: 'token-active',
        expected: `the client ${claims.clientId} enabled`,
        actual: client === undefined ? 'the client was removed' : 'the client is disabled',
        remedy: 'Enable the client, then get a new token.',
      });
    }
    if (!claims.isUserToken) return undefined;
    const user = await this.users.findByUsername(claims.subject);
    if (user?.enabled === true) return undefined;
    return rejected({
      check: 'token-active',
      expected: `the user ${claims.subject} enabled`,
      actual: user === undefined ? 'the user was removed' : 'the user is disabled',
      remedy: 'Enable the user, then get a new token.',
    });
  }
}

function claimsOf({ payload, expiresAt }: StoredToken, issuer: string): AccessTokenClaims {
  const { accountId, clientId, scope, aud, iat, extra } = payload;
  const details = (typeof extra === 'object' && extra !== null ? extra : {}) as Record<string, unknown>;
  const isUserToken = typeof accountId === 'string' && accountId !== '';
  return {
    issuer,
    subject: isUserToken ? accountId : String(clientId),
    clientId: String(clientId),
    isUserToken,
    scopes: typeof scope === 'string' ? scope.split(' ').filter((text) => text !== '') : [],
    audience: typeof aud === 'string' ? [aud] : [],
    issuedAt: typeof iat === 'number' ? iat : null,
    expiresAt: typeof payload.exp === 'number' ? payload.exp : Math.floor(expiresAt / 1000),
    fhirUser: textOrNull(details.fhirUser),
    patient: textOrNull(details.patient),
    encounter: textOrNull(details.encounter),
    keyThumbprint: textOrNull(payload.jkt),
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function rejected(rejection: TokenRejection): TokenVerification {
  return { ok: false, rejection };
}

const unknown: TokenRejection = {
  check: 'token-active',
  expected: 'an access token that this server issued and still keeps',
  actual: 'no such token: never issued here, tampered with, or expired long ago',
  remedy: 'Get a new token from this server’s token endpoint.',
};

const revoked: TokenRejection = {
  check: 'token-active',
  expected: 'a token that is in force',
  actual: 'the token or the grant that it came from was revoked',
  remedy: 'Sign in again to get a new token.',
};

function expired(expiresAt: number): TokenRejection {
  return {
    check: 'token-time',
    expected: `a time before ${new Date(expiresAt * 1000).toISOString()}, when the token expired`,
    actual: new Date().toISOString(),
    remedy: 'Get a new token, by the refresh token where there is one.',
  };
}

function malformed(token: string): TokenRejection {
  return {
    check: 'token-form',
    expected: 'an opaque access token of this server: letters, digits, - and _',
    actual: looksLikeJwt(token)
      ? 'a JWT; those of this server are for remote resource servers, and an id_token is no access token'
      : `${token.length} characters that are no token of this server`,
    remedy: 'Send the access_token of a token response whose aud is this endpoint.',
  };
}
