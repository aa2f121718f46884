import type { EntityManager } from 'typeorm';
import { isDuplicateKey, type Database } from '../../platform/database/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { ReservedNameEntity } from './user.entity.js';

/** Whose name it is or was; undefined: it is free. */
export async function kindOfName(database: Database, name: string): Promise<'user' | 'client' | undefined> {
  const [row] = await database.query<{ name: string; kind: 'user' | 'client' }>(
    'SELECT name, kind FROM reserved_name WHERE name = ?',
    [name],
  );
  return row?.name === name ? row.kind : undefined;
}

/**
 * Takes a name for a user or client, in the transaction that creates it. The row stays when the thing is
 * deleted: `sub` must never mean somebody else later, and a client's `sub` never a user.
 *
 * @throws FirekeepError 409 `NAME_TAKEN`
 */
export async function reserveName(
  manager: EntityManager,
  name: string,
  kind: 'user' | 'client',
): Promise<void> {
  try {
    await manager.insert(ReservedNameEntity, { name, kind, createdAt: Date.now() });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    throw new FirekeepError(
      'conflict',
      'NAME_TAKEN',
      `The name ${name} belongs, or once belonged, to a user or client. Take another one.`,
    );
  }
}
