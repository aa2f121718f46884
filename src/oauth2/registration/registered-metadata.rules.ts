import {
  authMethods,
  grantTypes,
  redirectUriProblem,
  type ClientChanges,
  type GrantType,
  type JsonWebKeySet,
  type TokenEndpointAuthMethod,
} from '../../clients/index.js';
import { signatureAlgorithmNames } from '../../platform/json-web/index.js';
import type { ClientAddresses } from '../../platform/outbound/index.js';
import { engineFlags, servedGrantTypes } from '../provider/engine-client.js';
import { covers, parseScopes, type Scope } from '../scopes/scope-grammar.js';
import { signingAlgorithms } from '../keys/key-ring.js';
import { isRedirectAllowed } from './redirect-policy.rule.js';
import { isRegistrableBase } from './registrable-base.rule.js';

export type Metadata = Readonly<Record<string, unknown>>;

/** Who registers, which decides what it may register. */
export interface RegistrationBounds {
  /** With an initial access token. */
  readonly trusted: boolean;
  /** Base URLs below which a resource server may be registered, and nothing else; undefined: apps alone. */
  readonly servers?: readonly string[] | undefined;
  /** Of the initial access token; null: everything but `system/` and `admin`. */
  readonly scope: string | null;
  /** Where redirect URIs may lead; empty: anywhere. */
  readonly redirects?: readonly string[];
}

/** RFC 7591 section 3.2.2. */
export class RegistrationProblem extends Error {
  constructor(
    readonly error: 'invalid_redirect_uri' | 'invalid_client_metadata',
    readonly description: string,
  ) {
    super(description);
  }
}

const defaultScope = 'openid fhirUser profile';
/** Kept as given: shown, never fetched. */
const informative = ['client_uri', 'logo_uri', 'policy_uri', 'tos_uri'] as const;
const most = 50;

/**
 * A client's description out of the metadata that it sent, with the defaults of RFC 7591.
 * https://www.rfc-editor.org/rfc/rfc7591#section-2
 *
 * @throws RegistrationProblem
 */
export function clientOf(
  metadata: Metadata,
  bounds: RegistrationBounds,
  clientAddresses: ClientAddresses,
): ClientChanges {
  const resource = texts(metadata, 'resource', { single: true });
  checkKind(resource, bounds);
  const method = oneOf(metadata, 'token_endpoint_auth_method', authMethods) ?? 'client_secret_basic';
  const redirectUris = addresses(metadata, 'redirect_uris', bounds);
  const grants = grantsOf(metadata, resource.length > 0);
  if (resource.length > 0) checkServer(grants, redirectUris);
  const clientName = text(metadata, 'client_name', 200);
  const jwks = keySet(metadata);
  const jwksUri = keyAddress(metadata, clientAddresses);
  return {
    ...(clientName === undefined ? {} : { clientName }),
    tokenEndpointAuthMethod: method satisfies TokenEndpointAuthMethod,
    redirectUris,
    postLogoutRedirectUris: addresses(metadata, 'post_logout_redirect_uris', bounds),
    grantTypes: grants,
    scope: scopeOf(metadata, grants, resource.length > 0, bounds),
    resource,
    jwks,
    jwksUri,
    pkceRequired: true,
    metadata: furtherMetadata(metadata, clientAddresses),
  };
}

/** An initial access token is for apps or for resource servers, so that neither is had for the other. */
function checkKind(resource: readonly string[], { trusted, servers }: RegistrationBounds): void {
  if (servers === undefined) {
    if (resource.length === 0) return;
    throw invalid(
      `resource: a resource server registers with an initial access token that registers resource-servers${
        trusted ? ', and this one registers apps' : ''
      }; the administrator can make one`,
    );
  }
  if (resource.length === 0) {
    throw invalid(
      'resource: is missing; this initial access token registers resource-servers, and an app needs one that registers apps',
    );
  }
  const foreign = resource.find((base) => !isRegistrableBase(base, servers));
  if (foreign === undefined) return;
  throw invalid(
    `resource: ${printable(foreign)} is not below a base URL that the initial access token was made for: ${servers.join(' ')}`,
  );
}

/** Nobody signs in at a resource server by this server; what people use is an app. */
function checkServer(grants: readonly GrantType[], redirectUris: readonly string[]): void {
  if (redirectUris.length > 0 || grants.some((grant) => grant !== 'client_credentials')) {
    throw invalid(
      'grant_types: a resource server has no redirect URIs and no grant but client_credentials; register an app for the rest',
    );
  }
}

function grantsOf(metadata: Metadata, isResourceServer: boolean): GrantType[] {
  const given = metadata.grant_types === undefined ? undefined : texts(metadata, 'grant_types');
  const responseTypes = metadata.response_types === undefined ? undefined : texts(metadata, 'response_types');
  if (responseTypes?.some((type) => type !== 'code') === true) {
    throw invalid('response_types: only code is supported');
  }
  const grants = given ?? (isResourceServer ? [] : ['authorization_code']);
  for (const grant of grants) {
    if (!(servedGrantTypes as readonly string[]).includes(grant)) {
      throw invalid(`grant_types: ${servedGrantTypes.join(', ')} are supported`);
    }
  }
  return grantTypes.filter((grant) => grants.includes(grant));
}

function scopeOf(
  metadata: Metadata,
  grants: readonly GrantType[],
  isResourceServer: boolean,
  bounds: RegistrationBounds,
): string {
  const given = text(metadata, 'scope', 4096);
  if (given === undefined)
    return isResourceServer || !grants.includes('authorization_code') ? '' : defaultScope;
  const parsed = parseScopes(given);
  if (!parsed.ok) throw invalid(`scope: ${parsed.problem}`);
  const bound = bounds.scope === null ? undefined : parseScopes(bounds.scope);
  for (const scope of parsed.scopes) {
    // A policy opens nothing to strangers that acts without a user.
    const allowed =
      bound === undefined
        ? isHarmless(scope)
        : bound.ok && covers(bound.scopes, scope) && (bounds.trusted || isHarmless(scope));
    if (!allowed || scope.text === 'admin') {
      throw invalid(`scope: ${scope.text} can’t be registered dynamically; the administrator can grant it`);
    }
  }
  return parsed.scopes.map(({ text: name }) => name).join(' ');
}

/** A user stands behind it, and is asked. */
function isHarmless(scope: Scope): boolean {
  return scope.kind === 'named' ? scope.text !== 'admin' : scope.context !== 'system';
}

function addresses(
  metadata: Metadata,
  name: 'redirect_uris' | 'post_logout_redirect_uris',
  { redirects = [] }: RegistrationBounds,
): string[] {
  const uris = texts(metadata, name);
  for (const uri of uris) {
    const problem =
      redirectUriProblem(uri) ??
      (isRedirectAllowed(uri, redirects)
        ? undefined
        : 'leads where the policy of this server does not allow');
    if (problem === undefined) continue;
    const error = name === 'redirect_uris' ? 'invalid_redirect_uri' : 'invalid_client_metadata';
    throw new RegistrationProblem(error, `${name}: ${printable(uri)} ${problem}`);
  }
  return uris;
}

function keySet(metadata: Metadata): JsonWebKeySet | null {
  const { jwks } = metadata;
  if (jwks === undefined || jwks === null) return null;
  if (typeof jwks !== 'object' || !Array.isArray((jwks as { keys?: unknown }).keys)) {
    throw invalid('jwks: must be a JSON Web Key Set');
  }
  return jwks as JsonWebKeySet;
}

/** This server fetches it, so it must not lead into the network that the server stands in. */
function keyAddress(metadata: Metadata, clientAddresses: ClientAddresses): string | null {
  const uri = text(metadata, 'jwks_uri', 2048);
  if (uri === undefined) return null;
  const problemOfUri = clientAddresses.problemOf(uri);
  if (problemOfUri !== undefined) throw invalid(`jwks_uri: ${problemOfUri}`);
  return uri;
}

function furtherMetadata(metadata: Metadata, clientAddresses: ClientAddresses): Record<string, unknown> {
  const kept = informativeOf(metadata);
  const logout = text(metadata, 'backchannel_logout_uri', 2048);
  if (logout !== undefined) {
    const problemOfUri = clientAddresses.problemOf(logout);
    if (problemOfUri !== undefined) throw invalid(`backchannel_logout_uri: ${problemOfUri}`);
    kept.backchannel_logout_uri = logout;
  }
  const algorithm = oneOf(metadata, 'id_token_signed_response_alg', signingAlgorithms);
  if (algorithm !== undefined) kept.id_token_signed_response_alg = algorithm;
  const assertion = oneOf(metadata, 'token_endpoint_auth_signing_alg', signatureAlgorithmNames);
  if (assertion !== undefined) kept.token_endpoint_auth_signing_alg = assertion;
  for (const name of engineFlags) {
    const flag = metadata[name];
    if (flag === undefined) continue;
    if (typeof flag !== 'boolean') throw invalid(`${name}: must be true or false`);
    kept[name] = flag;
  }
  const format = oneOf(metadata, 'access_token_format', ['jwt', 'opaque'] as const);
  if (format !== undefined) kept.access_token_format = format;
  const signature = oneOf(metadata, 'access_token_signing_alg', signingAlgorithms);
  if (signature !== undefined) kept.access_token_signing_alg = signature;
  return kept;
}

/** What is kept for people to read, and decides nothing. @throws RegistrationProblem */
export function informativeOf(metadata: Metadata): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const name of informative) {
    const uri = text(metadata, name, 2048);
    if (uri === undefined) continue;
    if (!URL.canParse(uri) || !['https:', 'http:'].includes(new URL(uri).protocol)) {
      throw invalid(`${name}: must be a web address`);
    }
    kept[name] = uri;
  }
  if (metadata.contacts !== undefined) kept.contacts = texts(metadata, 'contacts');
  for (const name of ['software_id', 'software_version'] as const) {
    const value = text(metadata, name, 255);
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

function text(metadata: Metadata, name: string, longest: number): string | undefined {
  const value = metadata[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string' || value.length > longest) {
    throw invalid(`${name}: must be text of at most ${longest} characters`);
  }
  return value;
}

function texts(metadata: Metadata, name: string, options: { single?: boolean } = {}): string[] {
  const value = metadata[name];
  if (value === undefined || value === null) return [];
  const list = options.single === true && typeof value === 'string' ? [value] : value;
  const isList = Array.isArray(list) && list.every((item) => typeof item === 'string' && item.length <= 2048);
  if (!isList || list.length > most) throw problem(name, `must be a list of at most ${most} texts`);
  return [...new Set(list as string[])];
}

function oneOf<T extends string>(metadata: Metadata, name: string, values: readonly T[]): T | undefined {
  const value = text(metadata, name, 255);
  if (value === undefined) return undefined;
  const found = values.find((candidate) => candidate === value);
  if (found === undefined) throw invalid(`${name}: must be one of ${values.join(', ')}`);
  return found;
}

function problem(name: string, description: string): RegistrationProblem {
  const error = name === 'redirect_uris' ? 'invalid_redirect_uri' : 'invalid_client_metadata';
  return new RegistrationProblem(error, `${name}: ${description}`);
}

function invalid(description: string): RegistrationProblem {
  return new RegistrationProblem('invalid_client_metadata', description);
}

function printable(value: string): string {
  return value.slice(0, 200).replaceAll(/[^\x20-\x7e]/g, '?');
}
