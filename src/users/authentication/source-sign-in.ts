import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/index.js';
import type { Account } from '../accounts/account-cache.js';
import { CurrentAccounts } from '../accounts/current-accounts.js';
import { kindOfName } from '../accounts/reserved-names.js';
import { SourceAccounts } from '../accounts/source-accounts.js';
import { readUser } from '../sources/source-answer.js';
import { SourceCalls } from '../sources/source-calls.js';
import { maximumAgeOf, type UserSource } from '../sources/user-source.js';
import { UserSources } from '../sources/user-sources.js';

/** Passwords that a source checks. */
@Injectable()
export class SourceSignIn {
  constructor(
    private readonly sources: UserSources,
    private readonly calls: SourceCalls,
    private readonly accounts: SourceAccounts,
    private readonly current: CurrentAccounts,
    private readonly database: Database,
  ) {}

  /** Whether anybody could come from elsewhere. */
  get isUsed(): boolean {
    return this.sources.inOrder.length > 0;
  }

  /** Milliseconds that it holds, at the most, that a name is nobody's. */
  get shortestAge(): number {
    return Math.min(Infinity, ...this.sources.inOrder.map(maximumAgeOf));
  }

  /**
   * @param account of a source; undefined: nobody of this name was ever here
   * @returns undefined: the password is wrong, or there is no such user
   * @throws FirekeepError 503 `USERS_SOURCE_UNAVAILABLE`
   */
  async verify(
    username: string,
    password: string,
    account: Account | undefined,
  ): Promise<Account | undefined> {
    // Directories take a name without a password for someone who remains anonymous (RFC 4513 section 5.1.2).
    if (password === '') return undefined;
    const name = account?.user.source ?? null;
    const source = name === null ? await this.ownerOf(username) : this.current.sourceOf(name);
    if (source === undefined) return undefined;
    const found = await this.calls.ask(
      source,
      async (signal) => readUser(await source.authenticate(username, password, signal), username),
      password,
    );
    return found === null ? undefined : this.accounts.record(source, username, found);
  }

  /**
   * Who would have a name that nobody has yet: no later source is asked for a password where an earlier one knows the
   * name, nor any where it is or was a user's or client's of this server.
   */
  private async ownerOf(username: string): Promise<UserSource | undefined> {
    if ((await kindOfName(this.database, username)) !== undefined) return undefined;
    for (const source of this.sources.inOrder) {
      const found = await this.calls.ask(source, async (signal) =>
        readUser(await source.find(username, signal), username),
      );
      if (found !== null) return source;
    }
    return undefined;
  }
}
