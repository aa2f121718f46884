import { Injectable } from '@nestjs/common';
import type { FhirEndpoint } from '../endpoints/index.js';
import { TrustSnapshot } from './store/trust-snapshot.js';
import { OwnIssuer } from './own-issuer/own-issuer.js';

/** Which authorization server an endpoint trusts, with the metadata that was discovered. No database, no network. */
@Injectable()
export class TrustedIssuers {
  constructor(
    private readonly snapshot: TrustSnapshot,
    private readonly own: OwnIssuer,
  ) {}

  /** Null: this server's own issuer; undefined: the OAuth client name is dangling. */
  of(
    endpoint: FhirEndpoint,
  ): Promise<{ issuer: string; metadata: Readonly<Record<string, unknown>> } | null | undefined> {
    if (endpoint.oauthClientName === null) return Promise.resolve(null);
    const application = this.snapshot.application(endpoint.oauthClientName);
    if (application === undefined) return Promise.resolve(undefined);
    if (this.own.is(application.issuer)) return Promise.resolve(null);
    return Promise.resolve({ issuer: application.issuer, metadata: { ...application.metadata } });
  }
}
