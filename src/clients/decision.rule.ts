import { FieldErrors } from '../platform/errors/index.js';
import type { ClientRecord } from './client.entity.js';
import type { Client } from './client.js';

type Decided = Pick<
  ClientRecord,
  'dynamicallyRegistered' | 'selfVersion' | 'version' | 'firstParty' | 'redirectUris' | 'approvedRedirectUris'
>;

/**
 * Whether an administrator has made or changed the client. A version that nobody vouches for counts as an
 * administrator's: a process of an earlier program wrote it, or it is from before this was kept.
 */
export function isAdministered({ dynamicallyRegistered, selfVersion, version }: Decided): boolean {
  return !dynamicallyRegistered || selfVersion !== version;
}

/** Whether an administrator has made the client or named the redirect URI. */
export function isApproved(
  { dynamicallyRegistered, approvedRedirectUris }: Decided,
  redirectUri: string,
): boolean {
  return !dynamicallyRegistered || approvedRedirectUris?.includes(redirectUri) === true;
}

/** First party as it holds: never beside a redirect URI that nobody approved, whatever the row says. */
export function holdsFirstParty(client: Decided): boolean {
  return client.firstParty && client.redirectUris.every((uri) => isApproved(client, uri));
}

/** The record as everybody is to see it. */
export function asItHolds(record: ClientRecord): ClientRecord {
  return { ...record, firstParty: holdsFirstParty(record) };
}

/** The client as others see it: without its hash, and what is kept of decisions as what follows from them. */
export function publishedClient(record: ClientRecord): Client {
  const {
    secretHash: _hash,
    selfVersion: _self,
    approvedRedirectUris: _approved,
    indexedVersion: _indexed,
    ...client
  } = asItHolds(record);
  return { ...client, administered: isAdministered(record) };
}

/** @throws FirekeepError 400 `CLIENTS_INVALID` */
export function checkFirstParty(client: ClientRecord): void {
  const errors = new FieldErrors();
  errors.when(
    client.firstParty && !holdsFirstParty(client),
    'redirectUris',
    'The client registered itself: name the redirect URIs that it is to have together with firstParty, so that they are approved.',
  );
  errors.throwIfAny('CLIENTS_INVALID');
}
