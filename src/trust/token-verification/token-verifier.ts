import { Injectable } from '@nestjs/common';
import type { TokenVerification } from '../../contract/index.js';
import type { FhirEndpoint } from '../../endpoints/index.js';
import { Settings } from '../../platform/config/index.js';
import { decodeJsonWebToken, isBearerToken, maximumTokenLength } from '../../platform/json-web/index.js';
import { TrustSnapshot, type TrustedApplication } from '../store/trust-snapshot.js';
import { OutboundHttp } from '../outbound/outbound-http.js';
import { cleanText } from '../../platform/text/index.js';
import { OwnIssuer } from '../own-issuer/own-issuer.js';
import { ApplicationVerifier } from './application-verifier.js';
import { rejected } from './rejection.js';

/**
 * Whether an access token is good at an endpoint, and what it says: form, signature or introspection, time and
 * issuer. Audience, client, user, scope and compartment are checked by the gate afterwards.
 */
@Injectable()
export class TokenVerifier {
  private verifiers: ReadonlyMap<string, ApplicationVerifier> = new Map();

  constructor(
    private readonly snapshot: TrustSnapshot,
    private readonly http: OutboundHttp,
    private readonly own: OwnIssuer,
    private readonly settings: Settings,
  ) {
    snapshot.changed.subscribe(() => this.rebuild());
  }

  /** Never throws for what a token contains; the texts of a rejection hold nothing secret of it. */
  async verify(token: string, endpoint: FhirEndpoint): Promise<TokenVerification> {
    if (!isBearerToken(token)) return malformed(token);
    const { oauthClientName } = endpoint;
    if (oauthClientName === null) return this.verifyOwn(token);
    const application = this.snapshot.application(oauthClientName);
    if (application === undefined) return dangling(oauthClientName);
    if (this.own.is(application.issuer)) return this.verifyOwn(token);
    const verifier = this.verifiers.get(oauthClientName);
    return verifier === undefined ? dangling(oauthClientName) : verifier.verify(token);
  }

  /** Issuers that could not be asked the last time. */
  failures(): { readonly issuer: string; readonly message: string }[] {
    return [...this.verifiers.values()].flatMap(({ application, lastFailure }) =>
      lastFailure === undefined ? [] : [{ issuer: application.issuer, message: lastFailure.message }],
    );
  }

  private async verifyOwn(token: string): Promise<TokenVerification> {
    const { tokens } = this.own;
    if (tokens === undefined) {
      return rejected(
        'token-issuer',
        'an endpoint that names the authorization server it trusts',
        'this process has no authorization server of its own, and the endpoint has no OAuth client name',
        'Give the endpoint the application name of a client configuration.',
      );
    }
    const issuer = decodeJsonWebToken(token)?.payload.iss;
    if (typeof issuer === 'string' && issuer !== tokens.issuer) {
      return rejected(
        'token-issuer',
        `issuer ${tokens.issuer}`,
        `a JWT that names the issuer ${cleanText(issuer)}`,
        'Get the token from this server, or give the endpoint the application name of a client configuration at that issuer.',
      );
    }
    return tokens.verify(token);
  }

  /** Keys and caches of what has not changed are kept. */
  private rebuild(): void {
    this.verifiers = new Map(
      this.snapshot
        .allApplications()
        .map((application) => [application.applicationName, this.verifierOf(application)]),
    );
  }

  private verifierOf(application: TrustedApplication): ApplicationVerifier {
    const known = this.verifiers.get(application.applicationName);
    return known?.application.fingerprint === application.fingerprint
      ? known
      : new ApplicationVerifier(application, this.http, this.settings.get('trustedTokenLifetime'));
  }
}

function malformed(token: string): TokenVerification {
  const actual =
    token === ''
      ? 'an empty one'
      : token.length > maximumTokenLength
        ? `${token.length} characters`
        : 'characters that no token has';
  return rejected(
    'token-form',
    `a token of 1 to ${maximumTokenLength} characters of RFC 6750`,
    actual,
    'Send the access token as the token endpoint gave it.',
  );
}

function dangling(oauthClientName: string): TokenVerification {
  return rejected(
    'token-issuer',
    `a client configuration with the application name "${cleanText(oauthClientName)}"`,
    'there is none: the OAuth client name of the endpoint dangles',
    'Make that client configuration, or correct the OAuth client name of the endpoint.',
  );
}
