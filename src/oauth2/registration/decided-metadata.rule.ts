import { withLifetimesOf, withoutSlash, type Client, type ClientChanges } from '../../clients/index.js';
import { engineFlags } from '../provider/engine-client.js';
import { covers, parseScopes } from '../scopes/scope-grammar.js';
import { informativeOf, RegistrationProblem, type Metadata } from './registered-metadata.rules.js';

/** Lists of which a client may give up what it likes. */
const lists = [
  ...['redirect_uris', 'post_logout_redirect_uris', 'grant_types', 'response_types', 'resource'],
] as const;
/** What stays as it is: each decides who the client is, how it proves that, or how long what it has can be taken back. */
const fixed: Readonly<Record<string, unknown>> = {
  token_endpoint_auth_method: undefined,
  jwks: undefined,
  jwks_uri: undefined,
  token_endpoint_auth_signing_alg: undefined,
  backchannel_logout_uri: undefined,
  backchannel_logout_session_required: false,
  id_token_signed_response_alg: 'RS256',
  access_token_format: 'jwt',
  access_token_signing_alg: 'RS256',
};
/** By which a client binds itself: each may be turned on, and never off. */
const bindings = engineFlags.filter((name) => name !== 'backchannel_logout_session_required');

/** A client in the words of RFC 7591. */
export function describedBy(client: Client): Record<string, unknown> {
  return {
    ...client.metadata,
    client_name: client.clientName,
    token_endpoint_auth_method: client.tokenEndpointAuthMethod,
    grant_types: client.grantTypes,
    response_types: client.grantTypes.includes('authorization_code') ? ['code'] : [],
    redirect_uris: client.redirectUris,
    post_logout_redirect_uris: client.postLogoutRedirectUris,
    scope: client.scope,
    ...(client.resource.length === 0 ? {} : { resource: client.resource }),
    ...(client.jwks === null ? {} : { jwks: client.jwks }),
    ...(client.jwksUri === null ? {} : { jwks_uri: client.jwksUri }),
  };
}

/**
 * The changes that a client asks for which an administrator has made or changed: it may give up what it has, and gets
 * nothing that it hasn't. What it leaves out stays as it is, which RFC 7592 section 2.2 allows.
 *
 * @throws RegistrationProblem
 */
export function withinDecision(client: Client, sent: Metadata): ClientChanges {
  const present = describedBy(client);
  const given = (name: string): unknown => (sent[name] === '' ? undefined : (sent[name] ?? undefined));
  checkFixed(present, given);
  // The name of an app is what people decide by.
  if (client.clientType !== 'resource_server')
    refuseOther('client_name', given('client_name'), client.clientName);
  const name = given('client_name');
  const kept = Object.fromEntries(
    lists.map((list) => [list, part(list, present[list] as readonly string[] | undefined, given(list))]),
  ) as Record<(typeof lists)[number], string[]>;
  const bound = bindings.filter((flag) => given(flag) === true);
  return {
    ...(typeof name === 'string' ? { clientName: name } : {}),
    redirectUris: kept.redirect_uris,
    postLogoutRedirectUris: kept.post_logout_redirect_uris,
    grantTypes: client.grantTypes.filter((grant) => kept.grant_types.includes(grant)),
    resource: kept.resource,
    scope: scopeWithin(client.scope, given('scope')),
    metadata: withLifetimesOf(kept.resource, {
      ...client.metadata,
      ...informativeOf(sent),
      ...Object.fromEntries(bound.map((flag) => [flag, true])),
    }),
  };
}

function checkFixed(present: Metadata, given: (name: string) => unknown): void {
  for (const [name, unset] of Object.entries(fixed)) refuseOther(name, given(name), present[name] ?? unset);
  for (const name of bindings) {
    if (given(name) !== true) refuseOther(name, given(name), present[name] ?? false);
  }
}

function refuseOther(name: string, wanted: unknown, present: unknown): void {
  if (wanted !== undefined && JSON.stringify(wanted) !== JSON.stringify(present)) throw beyond(name);
}

function part(name: string, present: readonly string[] = [], wanted: unknown): string[] {
  if (wanted === undefined) return [...present];
  const list = name === 'resource' && typeof wanted === 'string' ? [wanted] : wanted;
  if (!Array.isArray(list)) throw invalid(name, 'must be a list');
  const texts = list.map((item: unknown) => {
    const text = typeof item === 'string' && name === 'resource' ? withoutSlash(item) : item;
    if (typeof text !== 'string' || !present.includes(text)) throw beyond(name);
    return text;
  });
  return [...new Set(texts)];
}

function scopeWithin(present: string, wanted: unknown): string {
  if (wanted === undefined) return present;
  const parsed = parseScopes(typeof wanted === 'string' ? wanted : '?');
  if (!parsed.ok) throw invalid('scope', parsed.problem);
  const bounds = parseScopes(present);
  const wider = parsed.scopes.find((scope) => !bounds.ok || !covers(bounds.scopes, scope));
  if (wider !== undefined) throw beyond('scope', `${wider.text} goes beyond what`);
  return parsed.scopes.map(({ text }) => text).join(' ');
}

function beyond(name: string, what = 'goes beyond what'): RegistrationProblem {
  return invalid(
    name,
    `${what} an administrator has decided for this client; it may have less, and the administrator can grant more`,
  );
}

function invalid(name: string, description: string): RegistrationProblem {
  return new RegistrationProblem(
    name === 'redirect_uris' ? 'invalid_redirect_uri' : 'invalid_client_metadata',
    `${name}: ${description}`,
  );
}
