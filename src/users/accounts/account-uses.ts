import type { EntityManager } from 'typeorm';
import type { SqlValue } from '../../platform/database/index.js';

/** Runs one statement of the transaction under way; placeholders are `?`. @returns how many rows it changed */
export type ExecuteStatement = (sql: string, values: readonly SqlValue[]) => Promise<number>;

/**
 * Ends what was obtained in the name of a user or by a client (sessions, grants, tokens), in the transaction that
 * changes the account.
 *
 * @param name username or client id
 * @returns how much was ended
 */
export type Uses = (name: string, execute: ExecuteStatement) => Promise<number>;

export async function endUses(manager: EntityManager, uses: readonly Uses[], name: string): Promise<number> {
  const { queryRunner } = manager;
  if (queryRunner === undefined) throw new Error('there is no transaction under way');
  const execute: ExecuteStatement = async (sql, values) => {
    const { affected } = await queryRunner.query(sql, [...values], true);
    return affected ?? 0;
  };
  let ended = 0;
  for (const end of uses) ended += await end(name, execute);
  return ended;
}
