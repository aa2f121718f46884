import { Injectable } from '@nestjs/common';
import { ExpiringCache, SharedWork } from '../../platform/cache/index.js';
import type { Account } from './account-cache.js';
import { KnownRoles } from './known-roles.js';
import { SourceAccounts } from './source-accounts.js';
import { readRoles, readUser } from '../sources/source-answer.js';
import { SourceCalls } from '../sources/source-calls.js';
import { maximumAgeOf, type RoleSource, type UserSource } from '../sources/user-source.js';
import { UserSources } from '../sources/user-sources.js';
import type { User } from './user.js';

interface GivenRoles {
  readonly roles: readonly string[];
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/**
 * Users as their sources know them: what was heard longer ago than a source allows is asked for again before anything
 * is done in the user's name, by password, token or session.
 */
@Injectable()
export class CurrentAccounts {
  private readonly given = new ExpiringCache<string, GivenRoles>({ capacity: 10_000, lifetime: 3_600_000 });
  private readonly refreshing = new SharedWork<Account | undefined>();
  private readonly asking = new SharedWork<readonly string[]>();

  constructor(
    private readonly sources: UserSources,
    private readonly calls: SourceCalls,
    private readonly accounts: SourceAccounts,
    private readonly known: KnownRoles,
  ) {}

  /**
   * @returns undefined: the account was deleted meanwhile
   * @throws FirekeepError 503 `USERS_SOURCE_UNAVAILABLE` where a source has to be asked and can't
   */
  of(account: Account): User | Promise<User | undefined> {
    const isOfHere = account.user.source === null;
    return isOfHere && this.sources.ofRoles.length === 0 ? account.user : this.refreshed(account);
  }

  /** @throws FirekeepError 503 `USERS_SOURCE_UNAVAILABLE` where this process has no such source */
  sourceOf(name: string): UserSource {
    const source = this.sources.named(name);
    if (source === undefined) throw this.calls.away(name, 'no extension of this process has added it');
    return source;
  }

  private async refreshed(account: Account): Promise<User | undefined> {
    const user = (await this.ofSource(account))?.user;
    if (user?.enabled !== true || this.sources.ofRoles.length === 0) return user;
    const roles = new Set(user.roles);
    for (const source of this.sources.ofRoles) {
      for (const role of await this.rolesOf(source, user.username)) roles.add(role);
    }
    return { ...user, roles: [...roles] };
  }

  private ofSource(account: Account): Account | Promise<Account | undefined> {
    const { username, source: name, sourceCheckedAt } = account.user;
    if (name === null) return account;
    const source = this.sourceOf(name);
    const age = Date.now() - (sourceCheckedAt ?? 0);
    // Below zero: another process' clock is ahead.
    if (age >= 0 && age < maximumAgeOf(source)) return account;
    return this.refreshing.once(username, async () => {
      const found = await this.calls.ask(source, async (signal) =>
        readUser(await source.find(username, signal), username),
      );
      return this.accounts.record(source, username, found);
    });
  }

  private rolesOf(source: RoleSource, username: string): readonly string[] | Promise<readonly string[]> {
    const key = `${source.name} ${username}`;
    const given = this.given.get(key);
    if (given !== undefined && given.until > Date.now()) return given.roles;
    return this.asking.once(key, async () => {
      const named = await this.calls.ask(source, async (signal) =>
        readRoles(await source.rolesOf(username, signal)),
      );
      const roles = this.known.of(source.name, named);
      this.given.set(key, { roles, until: Date.now() + maximumAgeOf(source) });
      return roles;
    });
  }
}
