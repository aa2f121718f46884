import { OutboundError } from '../outbound/outbound-error.js';
import { outboundUrl } from '../outbound/outbound-url.js';

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
 * The client information response of the server at `from` (RFC 7591 section 3.2.1,
 * https://www.rfc-editor.org/rfc/rfc7591#section-3.2.1; RFC 7592 section 3).
 *
 * @throws OutboundError stage `metadata` where a member that is needed is missing or malformed.
 */
export function parseRegistration(json: Readonly<Record<string, unknown>>, from: string): Registration {
  const { client_id: clientId } = json;
  if (typeof clientId !== 'string' || !/^[\x20-\x7e]{1,512}$/.test(clientId)) {
    throw malformed(from, 'client_id is missing or not usable');
  }
  const clientSecret = text(json, 'client_secret', 4096, from);
  const registrationToken = text(json, 'registration_access_token', 8192, from);
  const registrationClientUri = text(json, 'registration_client_uri', 2000, from);
  if (registrationClientUri !== undefined) {
    const url = outboundUrl(registrationClientUri, 'The registration_client_uri');
    if (url.protocol === 'http:' && !from.startsWith('http:')) {
      throw malformed(from, 'registration_client_uri is plain http while the server is https');
    }
  }
  return {
    clientId,
    ...(clientSecret === undefined
      ? {}
      : { clientSecret, clientSecretExpiresAt: expiry(json.client_secret_expires_at) }),
    ...(registrationToken === undefined ? {} : { registrationToken }),
    ...(registrationClientUri === undefined ? {} : { registrationClientUri }),
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
    `The registration that ${from} answers with can't be used: ${problem}. See that server's log.`,
  );
}
