import type { EntityManager } from 'typeorm';
import { dialectOf, type SqlSession } from '../../platform/database/index.js';

/** Statements of the transaction under way, that change rows. */
export type Statements = Pick<SqlSession, 'dialect' | 'execute'>;

/**
 * Ends what was obtained in the name of a user or by a client (sessions, grants, tokens), in the transaction that
 * changes the account.
 *
 * @param name username or client id
 * @returns how much was ended
 */
export type Uses = (name: string, statements: Statements) => Promise<number>;

export async function endUses(manager: EntityManager, uses: readonly Uses[], name: string): Promise<number> {
  const statements = statementsOf(manager);
  let ended = 0;
  for (const end of uses) ended += await end(name, statements);
  return ended;
}

/** Plain statements in a transaction of TypeORM's. */
export function statementsOf(manager: EntityManager): Statements {
  const { queryRunner } = manager;
  if (queryRunner === undefined) throw new Error('there is no transaction under way');
  return {
    dialect: dialectOf(queryRunner),
    execute: async (sql, values = []) => {
      const { affected } = await queryRunner.query(sql, [...values], true);
      return affected ?? 0;
    },
  };
}
