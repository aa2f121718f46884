import { FieldErrors } from '../platform/errors/index.js';
import { acceptedKeys, parseKeySet } from '../platform/json-web/index.js';
import { authMethods, clientTypes, deviceCodeGrant, grantTypes, type Client } from './client.js';
import { checkMetadata } from './client-metadata.rule.js';
import { isLoopback } from './loopback.rule.js';
import { redirectUriProblem } from './redirect-uri.rule.js';
import { resourceLifetimesProblem } from './resource-lifetimes.rule.js';
import { scopeProblem } from './scope.rule.js';

const clientIdShape = /^[A-Za-z0-9](?:[A-Za-z0-9._~@-]{0,126}[A-Za-z0-9])?$/;
const shortestSecret = 12;
const longestSecret = 512;
const longestMetadata = 32 * 1024;
const mostEntries = 50;
/**
 * What would let a name write over the consent page, or look like another one. The joiners U+200C and U+200D are
 * letters' shapes in Persian and Indian scripts.
 */
const unseen =
  /[\p{Cc}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0\ufe00-\ufe0d\u{e0100}-\u{e01ef}]|(?![\u200c\u200d])\p{Cf}/u;

export type CheckedClient = Omit<
  Client,
  | 'administered'
  | 'createdAt'
  | 'dynamicallyRegistered'
  | 'enabled'
  | 'hasSecret'
  | 'metadata'
  | 'updatedAt'
  | 'version'
> & { readonly metadata: Readonly<Record<string, unknown>> };

/** ASCII letters, digits and `. _ ~ @ -`, at most 128. */
export function isClientId(text: string): boolean {
  return clientIdShape.test(text);
}

/** Whether a client of this authentication method has a secret. */
export function needsSecret(method: string): boolean {
  return method === 'client_secret_basic' || method === 'client_secret_post';
}

/** @throws FirekeepError 400 `CLIENTS_INVALID` with one issue a field. */
export function checkClient(client: CheckedClient): void {
  const errors = new FieldErrors();
  checkNames(client, errors);
  checkAuthentication(client, errors);
  checkGrants(client, errors);
  checkAddresses(client, errors);
  const scope = scopeProblem(client.scope);
  if (scope !== undefined) errors.add('scope', `The scope ${scope}`);
  const { metadata } = client;
  checkMetadata(metadata, errors, isWebAddress);
  const lifetimes = resourceLifetimesProblem(metadata, client.resource);
  if (lifetimes !== undefined) errors.add('metadata', lifetimes);
  errors.when(JSON.stringify(metadata).length > longestMetadata, 'metadata', 'Use at most 32 KiB.');
  errors.throwIfAny('CLIENTS_INVALID');
}

/** @throws FirekeepError 400 `CLIENTS_INVALID` */
export function checkSecret(secret: string): void {
  const errors = new FieldErrors();
  errors.when(
    secret.length < shortestSecret || secret.length > longestSecret,
    'clientSecret',
    `Use ${shortestSecret} to ${longestSecret} characters, or leave it out to have one generated.`,
  );
  errors.when(!/^[\x20-\x7e]*$/.test(secret), 'clientSecret', 'Use printable ASCII characters.');
  errors.throwIfAny('CLIENTS_INVALID');
}

function checkNames(client: CheckedClient, errors: FieldErrors): void {
  errors.when(
    !isClientId(client.clientId),
    'clientId',
    'Use 1 to 128 ASCII letters, digits and . _ ~ @ -, beginning and ending with a letter or digit.',
  );
  const name = client.clientName;
  errors.when(name.trim() === '' || name.length > 200, 'clientName', 'Use 1 to 200 characters.');
  errors.when(unseen.test(name), 'clientName', 'Control and invisible characters are not allowed.');
  errors.when((client.description?.length ?? 0) > 1000, 'description', 'Use at most 1000 characters.');
}

function checkAuthentication(client: CheckedClient, errors: FieldErrors): void {
  const method = client.tokenEndpointAuthMethod;
  errors.when(
    !clientTypes.includes(client.clientType),
    'clientType',
    `Use one of ${clientTypes.join(', ')}.`,
  );
  errors.when(
    !authMethods.includes(method),
    'tokenEndpointAuthMethod',
    `Use one of ${authMethods.join(', ')}.`,
  );
  errors.when(
    (client.clientType === 'public') !== (method === 'none'),
    'tokenEndpointAuthMethod',
    'A public client has none; every other type has an authentication method.',
  );
  errors.when(
    client.clientType === 'public' && !client.pkceRequired,
    'pkceRequired',
    'Only a confidential client can be exempted from PKCE.',
  );
  errors.when(
    method === 'private_key_jwt' && client.jwks === null && client.jwksUri === null,
    'jwks',
    'private_key_jwt needs jwks or jwksUri.',
  );
  errors.when(client.jwks !== null && client.jwksUri !== null, 'jwks', 'Give jwks or jwksUri, not both.');
  if (client.jwks !== null) checkKeys(client.jwks, errors);
}

const keyTypes = new Set(['RSA', 'EC', 'OKP']);
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

function checkKeys(jwks: NonNullable<Client['jwks']>, errors: FieldErrors): void {
  const { keys } = jwks as { keys?: unknown };
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > mostEntries) {
    errors.add('jwks', `A key set has the member keys with 1 to ${mostEntries} keys.`);
    return;
  }
  for (const key of keys as unknown[]) {
    if (typeof key !== 'object' || key === null || !keyTypes.has(String((key as { kty?: unknown }).kty))) {
      errors.add('jwks', 'A key is a JSON Web Key of type RSA, EC or OKP.');
    } else if (privateMembers.some((member) => member in key)) {
      errors.add('jwks', 'Register public keys only; this set has a private or symmetric one.');
    } else if (isForSignatures(key) && parseKeySet({ keys: [key] })?.length !== 1) {
      errors.add('jwks', `A key for signatures is one of ${acceptedKeys}.`);
    }
  }
  errors.when(JSON.stringify(jwks).length > 64 * 1024, 'jwks', 'Use at most 64 KiB.');
  const kids = (keys as unknown[]).flatMap((key) => (key as { kid?: unknown } | null)?.kid ?? []);
  errors.when(new Set(kids).size < kids.length, 'jwks', 'Give each key a kid of its own.');
  errors.when(
    (parseKeySet({ keys }) ?? []).length === 0,
    'jwks',
    `Give at least one key for signatures: ${acceptedKeys}.`,
  );
}

/** Keys for encryption, and of types for other algorithms, are kept and not used. */
function isForSignatures(key: object): boolean {
  const { kty, use, key_ops: operations } = key as { kty?: unknown; use?: unknown; key_ops?: unknown };
  return kty === 'RSA' && (use === undefined || use === 'sig') && operations === undefined;
}

function checkGrants(client: CheckedClient, errors: FieldErrors): void {
  const grants = new Set<string>(client.grantTypes);
  for (const grant of grants) {
    errors.when(
      !(grantTypes as readonly string[]).includes(grant),
      'grantTypes',
      `A grant type is one of ${grantTypes.join(', ')}.`,
    );
  }
  errors.when(grants.size !== client.grantTypes.length, 'grantTypes', 'A grant type can be given once.');
  errors.when(
    grants.has('client_credentials') && client.clientType === 'public',
    'grantTypes',
    'client_credentials is for clients that can authenticate.',
  );
  errors.when(
    grants.has('authorization_code') && client.redirectUris.length === 0 && !isBuiltIn(client.clientId),
    'redirectUris',
    'authorization_code needs at least one redirect URI.',
  );
  errors.when(
    grants.has('refresh_token') && !grants.has('authorization_code') && !grants.has(deviceCodeGrant),
    'grantTypes',
    'refresh_token goes with authorization_code or the device code.',
  );
}

function checkAddresses(client: CheckedClient, errors: FieldErrors): void {
  for (const field of ['redirectUris', 'postLogoutRedirectUris'] as const) {
    errors.when(client[field].length > mostEntries, field, `Use at most ${mostEntries} URIs.`);
    for (const uri of client[field].slice(0, mostEntries)) {
      const problem = redirectUriProblem(uri);
      if (problem !== undefined) errors.add(field, `${uri.slice(0, 200)} ${problem}`);
    }
  }
  errors.when(
    (client.clientType === 'resource_server') !== client.resource.length > 0,
    'resource',
    'A resource server names its base URLs; other clients have none.',
  );
  errors.when(client.resource.length > mostEntries, 'resource', `Use at most ${mostEntries} URLs.`);
  for (const base of client.resource.slice(0, mostEntries)) {
    const isBase = isWebAddress(base) && !base.includes('?');
    errors.when(!isBase, 'resource', addressRule('user, query and fragment'));
  }
  if (client.jwksUri !== null) {
    errors.when(!isWebAddress(client.jwksUri), 'jwksUri', addressRule('user and fragment'));
  }
}

function addressRule(without: string): string {
  return `Use an absolute https URL (http on loopback only) without ${without}, at most 2048 characters.`;
}

function isWebAddress(text: string): boolean {
  if (text.length > 2048 || !/^[\x21-\x7e]+$/.test(text) || /[#\\]/.test(text) || !URL.canParse(text)) {
    return false;
  }
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return false;
  if (url.protocol === 'https:') return true;
  return url.protocol === 'http:' && isLoopback(url.hostname);
}

/** The client of the API documentation; its redirect follows the public URL. */
export const docsClientId = 'firekeep-docs';

export function isBuiltIn(clientId: string): boolean {
  return clientId === docsClientId;
}
