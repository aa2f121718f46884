import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { rowLock } from '../../platform/database/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { Logger } from '../../platform/logging/index.js';
import { AccountCache, type Account } from './account-cache.js';
import { AccountChanges } from './account-changes.js';
import { KnownRoles } from './known-roles.js';
import { reserveName } from './reserved-names.js';
import type { SourceUser, UserSource } from '../sources/user-source.js';
import { UserEntity } from './user.entity.js';
import { isFhirUser } from './user.rules.js';

type Row = Pick<UserEntity, keyof UserEntity>;
type Standing = Pick<Row, 'roles' | 'fhirUser' | 'sourceActive'>;

/** What became of a row: undefined, the name isn't this source's. */
interface Written {
  readonly after: Row;
  readonly isChanged: boolean;
  readonly ended: number;
}

/**
 * The accounts of users who come from a source: a row without a password each, so that tokens, sessions, approvals and
 * the audit know them as any other user.
 */
@Injectable()
export class SourceAccounts {
  constructor(
    private readonly changes: AccountChanges,
    private readonly accounts: AccountCache,
    private readonly roles: KnownRoles,
    private readonly logger: Logger,
  ) {}

  /**
   * Writes down what the source says of a user now.
   *
   * @param found null: it doesn't know the user (any more)
   * @returns the account; undefined: there is none, or the name is or was another's
   */
  async record(source: UserSource, username: string, found: SourceUser | null): Promise<Account | undefined> {
    const written = await this.write(source, username, found);
    if (written === undefined) return undefined;
    const { after, isChanged, ended } = written;
    if (isChanged) {
      this.changes.announce(username, ended);
      const { roles, sourceActive: active } = after;
      this.logger.info('a source changed a user', { source: source.name, username, roles, active });
    } else this.accounts.forget(username);
    return this.accounts.find(username);
  }

  private async write(
    source: UserSource,
    username: string,
    found: SourceUser | null,
  ): Promise<Written | undefined> {
    try {
      return await this.changes.write(async (manager) => {
        const before = await manager.findOne(UserEntity, { where: { username }, ...rowLock(manager) });
        if (before === null) return this.insert(manager, source, username, found);
        return before.source === source.name ? this.update(manager, before, found) : undefined;
      });
    } catch (error) {
      if (!(error instanceof FirekeepError) || error.code !== 'NAME_TAKEN') throw error;
      // By another process, for the same user, while this one was about to.
      const account = await this.accounts.find(username);
      return account?.user.source === source.name ? this.write(source, username, found) : undefined;
    }
  }

  private async insert(
    manager: EntityManager,
    source: UserSource,
    username: string,
    found: SourceUser | null,
  ): Promise<Written | undefined> {
    if (found === null || found.enabled === false) return undefined;
    await reserveName(manager, username, 'user');
    const now = Date.now();
    const after = {
      username,
      ...this.standing(source.name, found),
      ...{ enabled: true, version: 1, createdAt: now, updatedAt: now },
      ...{ source: source.name, sourceId: found.id, sourceCheckedAt: now },
    };
    await manager.insert(UserEntity, after);
    return { after: { id: 0, ...after }, isChanged: true, ended: 0 };
  }

  private async update(manager: EntityManager, before: Row, found: SourceUser | null): Promise<Written> {
    const { username, source } = before;
    const isSame = found?.id === before.sourceId;
    if (found !== null && !isSame) {
      this.logger.warn('a source gave the name of a user to somebody else, who is not let in', {
        ...{ source, username },
      });
    }
    const now = Date.now();
    const standing = this.standing(source ?? '', isSame ? found : null);
    if (isEqual(before, standing)) {
      await manager.update(UserEntity, { username }, { sourceCheckedAt: now });
      return { after: before, isChanged: false, ended: 0 };
    }
    const after = {
      ...{ ...before, ...standing },
      ...{ version: before.version + 1, updatedAt: now, sourceCheckedAt: now },
    };
    await manager.update(UserEntity, { username }, after);
    // As where an administrator disables or enables an account.
    const isSwitched = before.sourceActive !== after.sourceActive;
    return {
      after,
      isChanged: true,
      ended: isSwitched ? await this.changes.endUsesOf(manager, username) : 0,
    };
  }

  /** Whoever isn't there, or not let in there, has nothing. */
  private standing(source: string, found: SourceUser | null): Standing {
    if (found === null || found.enabled === false) return { roles: [], fhirUser: null, sourceActive: false };
    const fhirUser = found.fhirUser ?? null;
    const isUsable = fhirUser === null || isFhirUser(fhirUser);
    if (!isUsable) this.roles.logOnce(source, `${JSON.stringify(fhirUser.slice(0, 64))} is no fhirUser`);
    return {
      roles: this.roles.of(source, found.roles),
      fhirUser: isUsable ? fhirUser : null,
      sourceActive: true,
    };
  }
}

function isEqual(before: Standing, after: Standing): boolean {
  return (
    before.sourceActive === after.sourceActive &&
    before.fhirUser === after.fhirUser &&
    before.roles.join(' ') === after.roles.join(' ')
  );
}
