import type { FhirEndpoint } from '../../endpoints/index.js';
import { canonical } from '../server-descriptions/metadata-difference.js';
import type { MetadataDrift } from './client-configuration.js';

type Json = Readonly<Record<string, unknown>>;

/**
 * What this server registers as a resource server: no grants, only introspection with its own credentials
 * (RFC 7591 section 2, https://www.rfc-editor.org/rfc/rfc7591#section-2).
 *
 * `resource` holds the base URLs of the endpoints that name this application, or of all where none does.
 */
export function desiredMetadata(
  configuration: { readonly applicationName: string; readonly clientName: string },
  endpoints: readonly FhirEndpoint[],
): Record<string, unknown> & { readonly resource: readonly string[] } {
  const naming = endpoints.filter(({ oauthClientName }) => oauthClientName === configuration.applicationName);
  const resource = (naming.length > 0 ? naming : endpoints).map(({ base }) => base).sort();
  return {
    client_name: configuration.clientName,
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: [],
    response_types: [],
    redirect_uris: [],
    resource,
  };
}

/** Empty lists that a server leaves out of its answer mean the same. */
function meaning(value: unknown): string {
  return canonical(value === undefined ? [] : value);
}

/** Members in which the server has something else than what would be sent now. */
export function driftOf(desired: Json, registered: Json, unsupported: readonly string[]): MetadataDrift[] {
  return Object.entries(desired).flatMap(([member, ours]): MetadataDrift[] => {
    const theirs = Object.hasOwn(registered, member) ? registered[member] : undefined;
    if (theirs === undefined && unsupported.includes(member)) return [];
    if (meaning(ours) === meaning(theirs)) return [];
    return [theirs === undefined ? { member, ours } : { member, ours, theirs }];
  });
}

/** Members that were sent and did not come back: the server doesn't know them. */
export function unsupportedMembers(sent: Json, answered: Json): string[] {
  return Object.keys(sent).filter(
    (member) => !Object.hasOwn(answered, member) && meaning(sent[member]) !== meaning(undefined),
  );
}
