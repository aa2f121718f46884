import { OutboundError } from '../outbound/outbound-error.js';
import { outboundUrl } from '../outbound/outbound-url.js';
import { cleanText } from '../../platform/text/index.js';
import type { ServerMetadata } from '../store/server-metadata.js';

const maximumIssuerLength = 512;
/** Members of RFC 8414, RFC 9126 and OpenID Connect that hold an address which this server may call or show. */
const addressMember = /(_endpoint|^jwks_uri)$/;

/**
 * An issuer identifier: an address without query and fragment
 * (RFC 8414 section 2, https://www.rfc-editor.org/rfc/rfc8414#section-2).
 *
 * @throws OutboundError stage `address`
 */
export function issuerUrl(issuer: string): URL {
  const url = outboundUrl(issuer, 'The issuer');
  if (issuer.length > maximumIssuerLength) {
    throw new OutboundError('address', `The issuer is longer than ${maximumIssuerLength} characters.`);
  }
  if (issuer.includes('?')) throw new OutboundError('address', 'The issuer must not have a query.');
  if (/\s/.test(issuer)) throw new OutboundError('address', 'The issuer must not contain spaces.');
  return url;
}

/**
 * Where the documents of an issuer are: RFC 8414 section 3.1 puts the well-known part between host and path,
 * OpenID Connect Discovery section 4 behind the path.
 */
export function metadataAddresses(issuer: URL): { readonly oauth: string; readonly openid: string } {
  const path = issuer.pathname.replace(/\/$/, '');
  return {
    oauth: `${issuer.origin}/.well-known/oauth-authorization-server${path}`,
    openid: `${issuer.origin}${path}/.well-known/openid-configuration`,
  };
}

/**
 * The issuer in the document must be the one that was asked for, character by character
 * (RFC 8414 section 3.3, https://www.rfc-editor.org/rfc/rfc8414#section-3.3).
 *
 * @throws OutboundError stage `issuer-mismatch`
 */
export function checkIssuer(document: Readonly<Record<string, unknown>>, issuer: string, from: string): void {
  if (document.issuer === issuer) return;
  const found = typeof document.issuer === 'string' ? `"${cleanText(document.issuer)}"` : 'none';
  throw new OutboundError(
    'issuer-mismatch',
    `${from} names the issuer ${found}, but "${issuer}" was asked for. ` +
      'Enter the issuer exactly as that server writes it, slash at the end included, or correct it there.',
  );
}

/**
 * The members that this server relies on, present and well-formed.
 *
 * @throws OutboundError stage `metadata`
 */
export function checkMetadata(document: Readonly<Record<string, unknown>>, issuer: URL): ServerMetadata {
  const problems: string[] = [];
  if (typeof document.token_endpoint !== 'string') problems.push('token_endpoint is missing');
  if (!isTextList(document.response_types_supported)) problems.push('response_types_supported is missing');
  if (document.jwks_uri === undefined && document.introspection_endpoint === undefined) {
    problems.push('both jwks_uri and introspection_endpoint are missing, so that no token can be verified');
  }
  for (const [member, value] of Object.entries(document)) {
    if (!addressMember.test(member)) continue;
    const problem = addressProblem(member, value, issuer);
    if (problem !== undefined) problems.push(problem);
  }
  if (problems.length > 0) {
    throw new OutboundError(
      'metadata',
      `The metadata of ${issuer.href} can't be used: ${problems.slice(0, 10).join('; ')}. Have them corrected there.`,
    );
  }
  return document as ServerMetadata;
}

/** Members behind which secrets are sent, or keys come from. */
const sensitiveMembers = ['registration_endpoint', 'introspection_endpoint', 'token_endpoint', 'jwks_uri'];

/**
 * Addresses at another origin than the issuer's, for the administrator. RFC 8414 section 2 allows them, and the document
 * that names them came from the issuer itself; what is sent there must be meant to.
 */
export function foreignAddresses(metadata: ServerMetadata, issuer: URL): string[] {
  return sensitiveMembers.flatMap((member) => {
    const address = metadata[member];
    if (typeof address !== 'string' || new URL(address).origin === issuer.origin) return [];
    return [
      `${member} is at ${new URL(address).origin}, not at ${issuer.origin}: see that it belongs to the same server.`,
    ];
  });
}

function addressProblem(member: string, value: unknown, issuer: URL): string | undefined {
  if (typeof value !== 'string') return `${cleanText(member, 60)} is not text`;
  try {
    const url = outboundUrl(value, cleanText(member, 60));
    // A public server must not send this one to services of its own machine.
    return url.protocol === 'http:' && issuer.protocol !== 'http:'
      ? `${cleanText(member, 60)} is plain http while the issuer is https`
      : undefined;
  } catch (error) {
    return (error as Error).message.replace(/\.$/, '');
  }
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
