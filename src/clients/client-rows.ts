import { VersionedRows } from '../platform/database/index.js';
import { ClientEntity } from './client.entity.js';

/** Rows of clients, locked and written with the hash of the secret. */
export const clientRows = new VersionedRows({
  entity: ClientEntity,
  named: () => 'The client',
  mismatch: 'CLIENTS_VERSION_MISMATCH',
  hidden: ['secretHash'],
});
