import { hash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { withoutSlash } from './base-url.js';
import type { ClientRecord } from './client.entity.js';
import { isApproved } from './decision.rule.js';

/** What an origin or base URL is found by. */
export function addressKey(address: string): Buffer {
  return hash('sha256', address, 'buffer');
}

/**
 * Puts the rows by which an enabled client is found from its origins and base URLs in place of those that it had, in
 * the transaction that writes it.
 */
export async function writeAddressRows(manager: EntityManager, client: ClientRecord): Promise<void> {
  const { clientId } = client;
  await manager.query('DELETE FROM oauth_client_origin WHERE client_id = ?', [clientId]);
  await manager.query('DELETE FROM oauth_client_resource WHERE client_id = ?', [clientId]);
  if (!client.enabled) return;
  const origins = [...originsOf(client)];
  await insert(
    manager,
    'oauth_client_origin (origin_hash, approved, client_id)',
    origins.map(([origin, approved]) => [addressKey(origin), approved ? 1 : 0, clientId]),
  );
  if (client.clientType !== 'resource_server') return;
  const bases = [...new Set(client.resource.map(withoutSlash))];
  await insert(
    manager,
    'oauth_client_resource (base_hash, client_id, place, base)',
    bases.map((base, place) => [addressKey(base), clientId, place, base]),
  );
}

/** Whether both lead to the same rows. */
export function haveSameAddresses(one: ClientRecord, other: ClientRecord): boolean {
  const addresses = (client: ClientRecord): string =>
    JSON.stringify([client.enabled, client.clientType, client.resource, [...originsOf(client)]]);
  return addresses(one) === addresses(other);
}

/**
 * Origins of redirect URIs, each with whether one of them is approved. Private-use schemes have the origin `null`,
 * which any page can send.
 */
function originsOf(client: ClientRecord): ReadonlyMap<string, boolean> {
  const origins = new Map<string, boolean>();
  for (const uri of client.redirectUris) {
    const { origin } = new URL(uri);
    if (origin !== 'null') origins.set(origin, origins.get(origin) === true || isApproved(client, uri));
  }
  return origins;
}

/** At most fifty rows: a client has no more addresses of a kind. */
async function insert(
  manager: EntityManager,
  into: string,
  rows: readonly (readonly (Buffer | string | number)[])[],
): Promise<void> {
  if (rows.length === 0) return;
  const marks = rows.map((row) => `(${row.map(() => '?').join(', ')})`).join(', ');
  await manager.query(`INSERT INTO ${into} VALUES ${marks}`, rows.flat());
}
