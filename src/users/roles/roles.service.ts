import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { MoreThan, type EntityManager, type Repository } from 'typeorm';
import { Database, isDuplicateKey, retrying, VersionedRows } from '../../platform/database/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { RoleCatalog } from './role-catalog.js';
import { RoleEntity } from './role.entity.js';
import { checkRole, isRoleName, storedRules, type RuleReader } from './role.rules.js';
import type { DefinedRole, RoleChanges, RoleInput } from './role.js';

/**
 * Takes a role that is deleted from all who have it, in the transaction that deletes it.
 *
 * @returns to be called after the commit
 */
export type Withdrawal = (manager: EntityManager, role: string) => Promise<() => void>;

const rows = new VersionedRows({
  entity: RoleEntity,
  named: () => 'The role',
  mismatch: 'ROLES_VERSION_MISMATCH',
});

/** As many as every process holds in memory. */
const most = 200;

/** Roles beside the built-in ones: what there is, and the only way to change it. */
@Injectable()
export class RolesService {
  private readonly readers: RuleReader[] = [];
  private readonly withdrawals: Withdrawal[] = [];

  constructor(
    private readonly database: Database,
    @InjectRepository(RoleEntity) private readonly repository: Repository<RoleEntity>,
    private readonly catalog: RoleCatalog,
  ) {}

  /** Has `reader` find what is wrong with types and criteria before rules are stored. */
  readRulesBy(reader: RuleReader): void {
    this.readers.push(reader);
  }

  /** Has `withdraw` called with every role that is deleted. */
  withdrawBy(withdraw: Withdrawal): void {
    this.withdrawals.push(withdraw);
  }

  /** By name, at most 1000. */
  async list(page: { readonly after?: string; readonly limit?: number } = {}): Promise<DefinedRole[]> {
    const roles = await this.repository.find({
      ...(page.after === undefined ? {} : { where: { name: MoreThan(page.after) } }),
      order: { name: 'ASC' },
      take: Math.min(page.limit ?? 1000, 1000),
    });
    return roles.map(defined);
  }

  /** As it is committed now. @throws FirekeepError 404 `ROLES_NOT_FOUND` */
  async get(name: string): Promise<DefinedRole> {
    const role = isRoleName(name) ? await this.repository.findOneBy({ name }) : null;
    if (role === null) throw notFound(name);
    return defined(role);
  }

  /** Whether `create` would take it, but for the name being taken. @throws FirekeepError 422 `ROLES_INVALID` */
  check(input: RoleInput): void {
    checkRole(input, this.readers);
  }

  /** @throws FirekeepError 422 `ROLES_INVALID`, 409 `ROLES_NAME_TAKEN`, `ROLES_TOO_MANY` */
  async create(input: RoleInput): Promise<DefinedRole> {
    const rules = checkRole(input, this.readers);
    const now = Date.now();
    const role: RoleEntity = {
      name: input.name,
      description: input.description ?? '',
      rules: JSON.stringify(rules),
      version: 1,
      createdAt: now,
      updatedAt: now,
    };
    await this.write(async (manager) => {
      if ((await manager.count(RoleEntity)) >= most) throw tooMany();
      try {
        await manager.insert(RoleEntity, role);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        throw new FirekeepError('conflict', 'ROLES_NAME_TAKEN', `There is a role ${input.name} already.`);
      }
    });
    return defined(role);
  }

  /**
   * @param expectedVersion undefined: whatever is there is overwritten.
   * @throws FirekeepError 422 `ROLES_INVALID`, 404 `ROLES_NOT_FOUND`, 412 `ROLES_VERSION_MISMATCH`
   */
  async update(name: string, changes: RoleChanges, expectedVersion?: number): Promise<DefinedRole> {
    const rules = checkRole(changes, this.readers);
    const role = await this.write(async (manager) => {
      const before = await lockRole(manager, name, expectedVersion);
      return rows.save(manager, before, {
        description: changes.description ?? before.description,
        rules: changes.rules === undefined ? before.rules : JSON.stringify(rules),
      });
    });
    return defined(role);
  }

  /**
   * Users who have it lose it: a role that is defined under this name later must not be theirs unasked.
   *
   * @throws FirekeepError as `update`
   */
  async remove(name: string, expectedVersion?: number): Promise<void> {
    const announcements = await this.write(async (manager) => {
      await lockRole(manager, name, expectedVersion);
      await manager.delete(RoleEntity, { name });
      const announce: (() => void)[] = [];
      for (const withdraw of this.withdrawals) announce.push(await withdraw(manager, name));
      return announce;
    });
    for (const announce of announcements) announce();
  }

  private async write<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const result = await retrying(() => this.database.write(work));
    await this.catalog.refresh();
    return result;
  }
}

function defined({ rules, ...role }: RoleEntity): DefinedRole {
  return { ...role, rules: storedRules(rules).rules };
}

async function lockRole(
  manager: EntityManager,
  name: string,
  expectedVersion: number | undefined,
): Promise<RoleEntity> {
  const role = isRoleName(name) ? await rows.find(manager, { name }, expectedVersion) : undefined;
  if (role === undefined) throw notFound(name);
  return role;
}

function notFound(name: string): FirekeepError {
  return new FirekeepError('not-found', 'ROLES_NOT_FOUND', `There is no defined role ${name}.`);
}

function tooMany(): FirekeepError {
  return new FirekeepError('conflict', 'ROLES_TOO_MANY', `At most ${most} roles can be defined.`);
}
