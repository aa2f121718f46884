import { In, type EntityManager } from 'typeorm';
import { FieldErrors } from '../../platform/errors/index.js';
import { RoleEntity } from './role.entity.js';
import { isBuiltInRole } from './role.rules.js';

/** @throws FirekeepError 400 `USERS_INVALID` where one of the roles is neither built in nor defined */
export async function requireDefined(manager: EntityManager, roles: readonly string[]): Promise<void> {
  const asked = roles.filter((role) => !isBuiltInRole(role));
  if (asked.length === 0) return;
  const found = await manager.find(RoleEntity, { select: { name: true }, where: { name: In(asked) } });
  const names = new Set(found.map(({ name }) => name));
  const errors = new FieldErrors();
  for (const role of asked) errors.when(!names.has(role), 'roles', `There is no role ${role}.`);
  errors.throwIfAny('USERS_INVALID');
}
