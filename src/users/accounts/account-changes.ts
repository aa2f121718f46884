import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database, retrying } from '../../platform/database/index.js';
import { Signal } from '../../platform/events/index.js';
import { AccountCache } from './account-cache.js';
import { endUses, type Uses } from './account-uses.js';

/** What every change of an account does, whoever makes it: its transaction, what ends with it, who is told. */
@Injectable()
export class AccountChanges {
  /** Emits the name of an account that this node changed, after the commit. */
  readonly changed = new Signal<string>();
  /** Emits the name of an account whose sessions and tokens this node ended, after the commit. */
  readonly usesEnded = new Signal<string>();
  private readonly uses: Uses[] = [];

  constructor(
    private readonly database: Database,
    private readonly accounts: AccountCache,
  ) {}

  write<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return retrying(() => this.database.write(work));
  }

  /** Has `end` called in the transaction of each change that ends uses. */
  endWithAccount(end: Uses): void {
    this.uses.push(end);
  }

  /** Ends sessions, approvals and tokens of a user. @returns how many */
  endUsesOf(manager: EntityManager, username: string): Promise<number> {
    return endUses(manager, this.uses, username);
  }

  /** After the commit. @param ended how many uses ended */
  announce(username: string, ended = 0): void {
    this.accounts.forget(username);
    this.changed.emit(username);
    if (ended > 0) this.usesEnded.emit(username);
  }
}
