import type { FieldErrors } from '../platform/errors/index.js';
import { signatureAlgorithmNames } from '../platform/json-web/index.js';

type Metadata = Readonly<Record<string, unknown>>;

const flags = [
  'dpop_bound_access_tokens',
  'require_pushed_authorization_requests',
  'require_signed_request_object',
  'backchannel_logout_session_required',
];
/** Seconds. */
const lifetimes: Readonly<Record<string, readonly [number, number]>> = {
  access_token_lifetime: [60, 3600],
  refresh_token_lifetime: [60, 365 * 24 * 3600],
};

/** Members of a client's metadata that this server heeds; others are kept as they are. */
export function checkMetadata(
  metadata: Metadata,
  errors: FieldErrors,
  isWebAddress: (text: string) => boolean,
): void {
  const refuse = (name: string, rule: string): void => errors.add('metadata', `${name}: ${rule}`);
  for (const name of flags) {
    const value = metadata[name];
    if (value !== undefined && typeof value !== 'boolean') refuse(name, 'use true or false.');
  }
  for (const [name, [least, most]] of Object.entries(lifetimes)) {
    const value = metadata[name];
    if (value === undefined) continue;
    const isGood = typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
    if (!isGood) refuse(name, `use whole seconds from ${least} to ${most}.`);
  }
  const { token_endpoint_auth_signing_alg: algorithm, backchannel_logout_uri: logout } = metadata;
  if (algorithm !== undefined && !(signatureAlgorithmNames as readonly unknown[]).includes(algorithm)) {
    refuse('token_endpoint_auth_signing_alg', `use one of ${signatureAlgorithmNames.join(', ')}.`);
  }
  if (logout !== undefined && !(typeof logout === 'string' && isWebAddress(logout))) {
    refuse('backchannel_logout_uri', 'use an absolute https URL (http on loopback only) without fragment.');
  }
}
