import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { MoreThan, type EntityManager, type Repository } from 'typeorm';
import { Database, rowLock, VersionedRows } from '../../platform/database/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { AccountCache } from './account-cache.js';
import { AccountChanges } from './account-changes.js';
import type { Uses } from './account-uses.js';
import { CurrentAccounts } from './current-accounts.js';
import { checkPassword, normalizePassword } from '../passwords/password.policy.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { reserveName } from './reserved-names.js';
import { CredentialEntity, UserEntity } from './user.entity.js';
import { requireDefined } from '../roles/defined-roles.js';
import { RolesService } from '../roles/roles.service.js';
import { checkUser, isUsername } from './user.rules.js';
import type { User, UserChanges, UserInput } from './user.js';

/** Matches the JSON list of roles of an administrator. */
const administratorRole = '%"admin"%';

const rows = new VersionedRows({
  entity: UserEntity,
  named: () => 'The user',
  mismatch: 'USERS_VERSION_MISMATCH',
});

export interface PageOfUsers {
  /** Name behind which the page begins. */
  readonly after?: string;
  /** 1 to 1000, the default. */
  readonly limit?: number;
}

/** Accounts: what there is, and the only way to change it. */
@Injectable()
export class UsersService {
  /** Emits the name of an account that this node changed, after the commit. */
  readonly changed = this.changes.changed;
  /** Emits the name of an account whose sessions and tokens this node ended, after the commit. */
  readonly usesEnded = this.changes.usesEnded;

  constructor(
    private readonly database: Database,
    @InjectRepository(UserEntity) private readonly repository: Repository<UserEntity>,
    private readonly accounts: AccountCache,
    private readonly hasher: PasswordHasher,
    private readonly changes: AccountChanges,
    private readonly current: CurrentAccounts,
    roles: RolesService,
  ) {
    roles.withdrawBy((manager, role) => this.withdrawRole(manager, role));
  }

  /**
   * For hot paths: at most two seconds old where another node made the change, and of a source as old as that allows.
   * Whoever a source doesn't let in is not enabled.
   *
   * @throws FirekeepError 503 `USERS_SOURCE_UNAVAILABLE`
   */
  async findByUsername(username: string): Promise<User | undefined> {
    if (!isUsername(username)) return undefined;
    const account = await this.accounts.find(username);
    return account === undefined ? undefined : this.current.of(account);
  }

  /** As it is committed now: of a source, as it was heard last. @throws FirekeepError 404 `USERS_NOT_FOUND` */
  async get(username: string): Promise<User> {
    const user = isUsername(username) ? await this.repository.findOneBy({ username }) : null;
    if (user === null) throw notFound(username);
    return user;
  }

  /** By name, at most 1000. */
  list(page: PageOfUsers = {}): Promise<User[]> {
    return this.repository.find({
      ...(page.after === undefined ? {} : { where: { username: MoreThan(page.after) } }),
      order: { username: 'ASC' },
      take: Math.min(page.limit ?? 1000, 1000),
    });
  }

  /** Whether anybody of this server itself could manage it; once there is, there always is. */
  async hasAdministrator(): Promise<boolean> {
    const rows = await this.database.query(
      'SELECT 1 AS found FROM user_account WHERE roles LIKE ? AND source IS NULL LIMIT 1',
      [administratorRole],
    );
    return rows.length > 0;
  }

  /** @throws FirekeepError 400 `USERS_INVALID`, 409 `NAME_TAKEN` */
  async create(input: UserInput): Promise<User> {
    checkUser(input);
    checkPassword(input.username, input.password);
    const passwordHash = await this.hasher.hash(normalizePassword(input.password));
    const user = await this.write(async (manager) => {
      await requireDefined(manager, input.roles ?? []);
      return insertUser(manager, input, passwordHash);
    });
    this.announce(input.username);
    return user;
  }

  /** Whether `create` would take it, but for the name; nothing is written. @throws FirekeepError 400 `USERS_INVALID` */
  check(input: UserChanges & { readonly username: string; readonly password?: string }): void {
    checkUser(input);
    if (input.password !== undefined) checkPassword(input.username, input.password);
  }

  /**
   * @param expectedVersion undefined: whatever is there is overwritten.
   * @throws FirekeepError 400 `USERS_INVALID`, 404 `USERS_NOT_FOUND`, 409 `USERS_LAST_ADMINISTRATOR`,
   * `USERS_OF_SOURCE`, 412 `USERS_VERSION_MISMATCH`
   */
  async update(username: string, changes: UserChanges, expectedVersion?: number): Promise<User> {
    checkUser(changes);
    const { user, ended } = await this.write(async (manager) => {
      const before = await lockUser(manager, username, expectedVersion);
      if (changes.roles !== undefined || changes.fhirUser !== undefined) {
        refuseForSource(before, 'roles and fhirUser are');
      }
      const asked = {
        roles: changes.roles === undefined ? before.roles : [...changes.roles],
        fhirUser: changes.fhirUser === undefined ? before.fhirUser : changes.fhirUser,
        enabled: changes.enabled ?? before.enabled,
      };
      // What the user has already may have been deleted since.
      await requireDefined(
        manager,
        asked.roles.filter((role) => !before.roles.includes(role)),
      );
      if (isActiveAdministrator(before) && !isActiveAdministrator({ source: before.source, ...asked })) {
        await refuseWithoutAdministrator(manager, username);
      }
      const after = await rows.save(manager, before, asked);
      // Both ways: what was under way when the account was disabled ends when it is enabled, too.
      const isSwitched = before.enabled !== after.enabled;
      return { user: after, ended: isSwitched ? await this.changes.endUsesOf(manager, username) : 0 };
    });
    this.announce(username, ended);
    return user;
  }

  /** Has `end` called whenever the password changes, or the account is disabled or enabled again. */
  endWithAccount(end: Uses): void {
    this.changes.endWithAccount(end);
  }

  /** Ends every use of the old password. @throws FirekeepError as `update` */
  async setPassword(username: string, password: string, expectedVersion?: number): Promise<User> {
    checkPassword(username, password);
    const passwordHash = await this.hasher.hash(normalizePassword(password));
    const { user, ended } = await this.write(async (manager) => {
      const before = await lockUser(manager, username, expectedVersion);
      refuseForSource(before, 'the password is');
      const after = await rows.save(manager, before, {});
      await manager.update(
        CredentialEntity,
        { username },
        { passwordHash, generation: () => 'generation + 1' },
      );
      return { user: after, ended: await this.changes.endUsesOf(manager, username) };
    });
    this.announce(username, ended);
    return user;
  }

  /** @throws FirekeepError as `update` */
  disable(username: string, expectedVersion?: number): Promise<User> {
    return this.update(username, { enabled: false }, expectedVersion);
  }

  /** The name stays taken. @throws FirekeepError as `update` */
  async remove(username: string, expectedVersion?: number): Promise<void> {
    await this.write(async (manager) => {
      const before = await lockUser(manager, username, expectedVersion);
      if (isActiveAdministrator(before)) await refuseWithoutAdministrator(manager, username);
      await manager.delete(CredentialEntity, { username });
      await manager.delete(UserEntity, { username });
    });
    this.announce(username);
  }

  private write<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.changes.write(work);
  }

  /** Takes a role that is deleted from all who have it. */
  private async withdrawRole(manager: EntityManager, role: string): Promise<() => void> {
    const quoted = JSON.stringify(role);
    const users = await manager.query<{ username: string }[]>(
      'SELECT username FROM user_account WHERE INSTR(roles, ?) > 0',
      [quoted],
    );
    // The list is JSON without spaces.
    await manager.query(
      `UPDATE user_account SET roles = REPLACE(REPLACE(REPLACE(roles, ?, ''), ?, ''), ?, ''),
         version = version + 1, updated_at = ? WHERE INSTR(roles, ?) > 0`,
      [`${quoted},`, `,${quoted}`, quoted, Date.now(), quoted],
    );
    return () => {
      for (const { username } of users) this.announce(username);
    };
  }

  private announce(username: string, ended = 0): void {
    this.changes.announce(username, ended);
  }
}

async function insertUser(
  manager: EntityManager,
  input: UserInput,
  passwordHash: string,
): Promise<UserEntity> {
  await reserveName(manager, input.username, 'user');
  const now = Date.now();
  await manager.insert(UserEntity, {
    username: input.username,
    roles: [...(input.roles ?? [])],
    fhirUser: input.fhirUser ?? null,
    enabled: input.enabled ?? true,
    version: 1,
    createdAt: now,
    updatedAt: now,
  });
  await manager.insert(CredentialEntity, { username: input.username, passwordHash, generation: 1 });
  return manager.findOneByOrFail(UserEntity, { username: input.username });
}

/** The row as it is, kept from others until the transaction ends. */
async function lockUser(
  manager: EntityManager,
  username: string,
  expectedVersion: number | undefined,
): Promise<UserEntity> {
  const user = isUsername(username) ? await rows.find(manager, { username }, expectedVersion) : undefined;
  if (user === undefined) throw notFound(username);
  return user;
}

/** Of this server itself: a source may be away just when it has to be managed. */
function isActiveAdministrator(user: Pick<User, 'enabled' | 'roles' | 'source'>): boolean {
  return user.enabled && user.source === null && user.roles.includes('admin');
}

/** Nobody could manage the server any more. */
async function refuseWithoutAdministrator(manager: EntityManager, except: string): Promise<void> {
  const query = manager
    .createQueryBuilder(UserEntity, 'user')
    .where('user.enabled = 1 AND user.source IS NULL AND user.roles LIKE :role', { role: administratorRole });
  const { lock } = rowLock(manager);
  if (lock !== undefined) query.setLock(lock.mode);
  const users = await query.getMany();
  if (users.some((user) => user.username !== except && isActiveAdministrator(user))) return;
  throw new FirekeepError(
    'conflict',
    'USERS_LAST_ADMINISTRATOR',
    `${except} is the last enabled administrator. Give another user the role admin first.`,
  );
}

/** @param what it is that the source has */
function refuseForSource({ username, source }: User, what: string): void {
  if (source === null) return;
  throw new FirekeepError(
    'conflict',
    'USERS_OF_SOURCE',
    `${username} comes from the source ${source}: ${what} changed there. Here the account can be disabled.`,
  );
}

function notFound(username: string): FirekeepError {
  return new FirekeepError('not-found', 'USERS_NOT_FOUND', `There is no user ${username}.`);
}
