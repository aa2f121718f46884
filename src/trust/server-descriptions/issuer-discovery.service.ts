import { createHash } from 'node:crypto';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { cleanText } from '../../platform/text/index.js';
import { OutboundError } from '../outbound/outbound-error.js';
import { OutboundHttp } from '../outbound/outbound-http.js';
import type { TlsMaterial } from '../outbound/tls-material.js';
import { canonical } from './metadata-difference.js';
import {
  checkIssuer,
  checkMetadata,
  foreignAddresses,
  issuerUrl,
  metadataAddresses,
} from './metadata.rule.js';
import { OWN_METADATA, type OwnMetadata } from '../own-issuer/own-metadata.js';
import type { ServerMetadata } from '../store/server-metadata.js';

export interface Discovered {
  readonly metadata: ServerMetadata;
  readonly sources: readonly string[];
  readonly digest: string;
  readonly warnings: readonly string[];
}

type Attempt =
  | { readonly address: string; readonly document: Readonly<Record<string, unknown>> }
  | { readonly address: string; readonly error: OutboundError };

/**
 * Reads what an issuer says of itself: OAuth 2.0 Authorization Server Metadata
 * (https://www.rfc-editor.org/rfc/rfc8414) and OpenID Connect Discovery
 * (https://openid.net/specs/openid-connect-discovery-1_0.html).
 */
@Injectable()
export class IssuerDiscovery {
  constructor(
    private readonly http: OutboundHttp,
    @Optional() @Inject(OWN_METADATA) private readonly own?: OwnMetadata,
  ) {}

  /** @throws OutboundError by stage; of two documents that fail, the one that says more. */
  async discover(issuer: string, tls: TlsMaterial | null): Promise<Discovered> {
    const url = issuerUrl(issuer);
    if (this.own?.issuer === issuer) {
      const document = { ...(await this.own.metadata()) };
      checkIssuer(document, issuer, 'This server');
      return discovered(checkMetadata(document, url), [issuer], []);
    }
    const addresses = metadataAddresses(url);
    const [oauth, openid] = await Promise.all([
      this.attempt(addresses.oauth, issuer, tls),
      this.attempt(addresses.openid, issuer, tls),
    ]);
    return combine(url, oauth, openid);
  }

  private async attempt(address: string, issuer: string, tls: TlsMaterial | null): Promise<Attempt> {
    try {
      const { json } = await this.http.sendForJson({ url: address, tls });
      checkIssuer(json, issuer, address);
      return { address, document: json };
    } catch (error) {
      if (error instanceof OutboundError) return { address, error };
      throw error;
    }
  }
}

function combine(issuer: URL, oauth: Attempt, openid: Attempt): Discovered {
  if ('error' in oauth && 'error' in openid) {
    throw openid.error.saysMoreThan(oauth.error) ? openid.error : oauth.error;
  }
  const found = [openid, oauth].filter((attempt) => 'document' in attempt);
  // The document of RFC 8414 comes second: where both name a member, it decides.
  const document = Object.assign({}, ...found.map((attempt) => attempt.document)) as Record<string, unknown>;
  const metadata = checkMetadata(document, issuer);
  return discovered(
    metadata,
    found.map(({ address }) => address),
    [...foreignAddresses(metadata, issuer), ...warningsOf(oauth, openid)],
  );
}

function warningsOf(oauth: Attempt, openid: Attempt): string[] {
  const warnings: string[] = [];
  for (const attempt of [oauth, openid]) {
    // A server need not offer both documents; anything but their absence is worth a word.
    if ('error' in attempt && attempt.error.answerStatus !== 404) warnings.push(attempt.error.message);
  }
  if ('document' in oauth && 'document' in openid) {
    for (const member of Object.keys(oauth.document)) {
      if (!Object.hasOwn(openid.document, member)) continue;
      if (canonical(oauth.document[member]) !== canonical(openid.document[member])) {
        warnings.push(
          `The two documents differ in ${cleanText(member, 60)}; ${oauth.address} is the one that counts.`,
        );
      }
    }
  }
  return warnings.slice(0, 20);
}

function discovered(metadata: ServerMetadata, sources: string[], warnings: string[]): Discovered {
  const digest = createHash('sha256').update(canonical(metadata)).digest('base64url');
  return { metadata, sources, digest, warnings };
}
