import { randomBytes } from 'node:crypto';
import type {
  AsymmetricSigningAlgorithm as SigningAlgorithm,
  Client as EngineClient,
  ClientMetadata,
} from 'oidc-provider';
import { deviceCodeGrant, type Client } from '../../clients/index.js';
import { isSignatureAlgorithm } from '../../platform/json-web/index.js';

/** What the policies need of a client, carried through the engine in one member of its metadata. */
export type ClientTraits = Pick<
  Client,
  | 'clientId'
  | 'clientName'
  | 'clientType'
  | 'scope'
  | 'firstParty'
  | 'pkceRequired'
  | 'resource'
  | 'dynamicallyRegistered'
  | 'jwks'
  | 'jwksUri'
> & {
  /** When its description was changed last, milliseconds since the epoch; undefined: never. */
  readonly changedAt: number | undefined;
  /** Seconds; undefined: as for every client. */
  readonly accessTokenLifetime: number | undefined;
  readonly refreshTokenLifetime: number | undefined;
};

export const traitsMember = 'firekeep';

/** Grants that the engine is set up for. */
export const servedGrantTypes = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  deviceCodeGrant,
] as const;

/** The engine wants a secret to be there; the real one is a hash in `clients`, so this one opens nothing. */
const placeholderSecret = randomBytes(32).toString('base64url');

/** What a client may bind itself to. */
export const engineFlags = [
  'dpop_bound_access_tokens',
  'require_pushed_authorization_requests',
  'require_signed_request_object',
  'backchannel_logout_session_required',
] as const;

/** The engine wants keys to be there; the real ones come from `ClientKeys`, so this is never asked. */
const placeholderKeys = 'https://keys.invalid/';

/** A client's description in the engine's words. Scopes stay outside: the engine knows only fixed lists. */
export function engineMetadata(client: Client): ClientMetadata {
  const grantTypes = client.grantTypes.filter((grant) =>
    (servedGrantTypes as readonly string[]).includes(grant),
  );
  const hasCode = grantTypes.includes('authorization_code') && client.redirectUris.length > 0;
  const needsSecret = ['client_secret_basic', 'client_secret_post'].includes(client.tokenEndpointAuthMethod);
  const traits: ClientTraits = {
    clientId: client.clientId,
    clientName: client.clientName,
    clientType: client.clientType,
    scope: client.scope,
    firstParty: client.firstParty,
    pkceRequired: client.pkceRequired || client.clientType === 'public',
    resource: client.resource,
    dynamicallyRegistered: client.dynamicallyRegistered,
    jwks: client.jwks,
    jwksUri: client.jwksUri,
    changedAt: client.version === 1 ? undefined : client.updatedAt,
    accessTokenLifetime: seconds(client.metadata.access_token_lifetime),
    refreshTokenLifetime: seconds(client.metadata.refresh_token_lifetime),
  };
  return {
    client_id: client.clientId,
    client_name: client.clientName,
    // Redirects on loopback with any port are for native applications: `isLoopback` of `clients`, which checks the URIs.
    application_type: 'native',
    redirect_uris: client.redirectUris,
    post_logout_redirect_uris: client.postLogoutRedirectUris,
    grant_types: hasCode ? grantTypes : grantTypes.filter((grant) => grant !== 'authorization_code'),
    response_types: hasCode ? ['code'] : [],
    token_endpoint_auth_method: client.tokenEndpointAuthMethod,
    ...(client.metadata.id_token_signed_response_alg === 'ES256'
      ? { id_token_signed_response_alg: 'ES256' as const }
      : {}),
    ...(needsSecret ? { client_secret: placeholderSecret } : {}),
    ...(client.jwks === null && client.jwksUri === null ? {} : { jwks_uri: placeholderKeys }),
    ...signingAlgorithm(client),
    ...flags(client),
    [traitsMember]: traits,
  };
}

/** Members of the metadata that the engine heeds. */
function flags({ metadata }: Client): Partial<ClientMetadata> {
  const { backchannel_logout_uri: logout } = metadata;
  const set = engineFlags.filter((name) => metadata[name] === true);
  return {
    ...Object.fromEntries(set.map((name) => [name, true])),
    ...(typeof logout === 'string' ? { backchannel_logout_uri: logout } : {}),
  };
}

function seconds(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function signingAlgorithm({ tokenEndpointAuthMethod, metadata }: Client): Partial<ClientMetadata> {
  const { token_endpoint_auth_signing_alg: algorithm } = metadata;
  if (tokenEndpointAuthMethod !== 'private_key_jwt' || !isSignatureAlgorithm(algorithm)) return {};
  return { token_endpoint_auth_signing_alg: algorithm as SigningAlgorithm };
}

export function traitsOf(client: EngineClient): ClientTraits {
  return client[traitsMember] as ClientTraits;
}
