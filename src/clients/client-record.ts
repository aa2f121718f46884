import { withoutSlash } from './base-url.js';
import type { ClientRecord } from './client.entity.js';
import type { Client, ClientChanges, ClientInput } from './client.js';
import { needsSecret } from './client.rules.js';
import { asItHolds, isAdministered } from './decision.rule.js';
import { withLifetimesOf } from './resource-lifetimes.rule.js';

/** A client with the defaults of RFC 7591 for what the input leaves out. */
export function newClient(input: ClientInput, clientId: string): ClientRecord {
  const now = Date.now();
  const resource = [...(input.resource ?? [])].map(withoutSlash);
  const clientType = input.clientType ?? typeOf(input, resource);
  const dynamicallyRegistered = input.dynamicallyRegistered ?? false;
  return {
    clientId,
    clientName: input.clientName ?? clientId,
    description: input.description ?? null,
    clientType,
    tokenEndpointAuthMethod:
      input.tokenEndpointAuthMethod ?? (clientType === 'public' ? 'none' : 'client_secret_basic'),
    redirectUris: [...(input.redirectUris ?? [])],
    postLogoutRedirectUris: [...(input.postLogoutRedirectUris ?? [])],
    grantTypes: [
      ...(input.grantTypes ?? (clientType === 'resource_server' ? [] : ['authorization_code' as const])),
    ],
    scope: input.scope ?? '',
    resource,
    jwks: input.jwks ?? null,
    jwksUri: input.jwksUri ?? null,
    pkceRequired: input.pkceRequired ?? true,
    firstParty: input.firstParty ?? false,
    dynamicallyRegistered,
    enabled: input.enabled ?? true,
    secretHash: null,
    hasSecret: false,
    metadata: { ...input.metadata },
    selfVersion: dynamicallyRegistered ? 1 : null,
    approvedRedirectUris: null,
    indexedVersion: 1,
    version: 1,
    createdAt: now,
    updatedAt: now,
  };
}

function typeOf(input: ClientInput, resource: readonly string[]): Client['clientType'] {
  if (resource.length > 0) return 'resource_server';
  return input.tokenEndpointAuthMethod === 'none' ? 'public' : 'confidential';
}

/** The client after an administrator's changes: redirect URIs that they name are approved. */
export function changedByAdministrator(record: ClientRecord, changes: ClientChanges): ClientRecord {
  const after = changedClient(asItHolds(record), changes);
  const isNamed = changes.redirectUris !== undefined && record.dynamicallyRegistered;
  return { ...after, ...(isNamed ? { approvedRedirectUris: [...after.redirectUris] } : {}) };
}

/** The client after changes of its own. */
export function changedByItself(record: ClientRecord, changes: ClientChanges): ClientRecord {
  const after = changedClient(asItHolds(record), changes);
  return isAdministered(record) ? after : { ...after, selfVersion: record.version + 1 };
}

/** A secret that the authentication method no longer takes goes with the old one. */
function changedClient(before: ClientRecord, changes: ClientChanges): ClientRecord {
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  const after: ClientRecord = { ...before, ...(given as Partial<ClientRecord>) };
  const keepsSecret = needsSecret(after.tokenEndpointAuthMethod);
  return {
    ...after,
    resource: after.resource.map(withoutSlash),
    metadata: { ...(changes.metadata ?? withLifetimesOf(after.resource, before.metadata)) },
    secretHash: keepsSecret ? before.secretHash : null,
    hasSecret: keepsSecret && before.hasSecret,
    indexedVersion: before.version + 1,
  };
}
