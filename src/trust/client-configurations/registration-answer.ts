import { OutboundError } from '../outbound/outbound-error.js';
import { outboundUrl } from '../outbound/outbound-url.js';
import { cleanText } from '../../platform/text/index.js';
import type { ServerMetadata } from '../store/server-metadata.js';

/** What a server answers to a registration, a reading or an update of one. Secrets are apart from the metadata. */
export interface Registration {
  readonly clientId: string;
  /** Undefined: the one that is stored goes on. */
  readonly clientSecret?: string;
  /** Milliseconds since the epoch; null: never. Undefined: as stored. */
  readonly clientSecretExpiresAt?: number | null;
  readonly registrationToken?: string;
  readonly registrationClientUri?: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

const secretMembers = new Set(['client_secret', 'registration_access_token']);

/**
 * Where a registration at a server may be managed: at the origins of its issuer and its registration endpoint. The
 * address comes with each answer, unlike those that an administrator has seen, and whatever is there gets the token.
 */
export function managementOrigins(server: ServerMetadata): readonly string[] {
  const addresses = [server.issuer, server.registration_endpoint ?? server.issuer];
  return [...new Set(addresses.map((address) => new URL(address).origin))];
}

/** @throws OutboundError stage `metadata` where the token of a registration may not be sent to the address */
export function checkManagementAddress(uri: string, origins: readonly string[], from: string): URL {
  const url = outboundUrl(uri, 'The registration_client_uri');
  if (origins.includes(url.origin)) return url;
  throw malformed(
    from,
    `registration_client_uri is at ${url.origin}, while its token is for ${origins.join(' and ')} only`,
  );
}

/**
 * The client information response of the server at `from` (RFC 7591 section 3.2.1,
 * https://www.rfc-editor.org/rfc/rfc7591#section-3.2.1; RFC 7592 section 3).
 *
 * @param origins where it may be managed
 * @throws OutboundError stage `metadata` where a member that is needed is missing or malformed.
 */
export function parseRegistration(
  json: Readonly<Record<string, unknown>>,
  from: string,
  origins: readonly string[],
): Registration {
  const { client_id: clientId } = json;
  if (typeof clientId !== 'string' || !/^[\x20-\x7e]{1,512}$/.test(clientId)) {
    throw malformed(from, 'client_id is missing or not usable');
  }
  const clientSecret = text(json, 'client_secret', 4096, from);
  const registrationToken = text(json, 'registration_access_token', 8192, from);
  const registrationClientUri = text(json, 'registration_client_uri', 2000, from);
  const management =
    registrationClientUri === undefined
      ? undefined
      : checkManagementAddress(registrationClientUri, origins, from).href;
  return {
    clientId,
    ...(clientSecret === undefined
      ? {}
      : { clientSecret, clientSecretExpiresAt: expiry(json.client_secret_expires_at) }),
    ...(registrationToken === undefined ? {} : { registrationToken }),
    ...(management === undefined ? {} : { registrationClientUri: management }),
    metadata: Object.fromEntries(Object.entries(json).filter(([member]) => !secretMembers.has(member))),
  };
}

function text(
  json: Readonly<Record<string, unknown>>,
  member: string,
  limit: number,
  from: string,
): string | undefined {
  const value = json[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || value === '' || value.length > limit) {
    throw malformed(from, `${member} is not usable`);
  }
  return value;
}

/** Seconds, where 0 stands for never. */
function expiry(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value * 1000 : null;
}

function malformed(from: string, problem: string): OutboundError {
  return new OutboundError(
    'metadata',
    `The registration that ${cleanText(from)} answers with can't be used: ${problem}. See that server's log.`,
  );
}
