import { Injectable } from '@nestjs/common';
import { FirekeepError } from '../../platform/errors/index.js';
import {
  maximumAgeOf,
  timeoutOf,
  type RoleSource,
  type SourceBounds,
  type UserSource,
} from './user-source.js';

const nameShape = /^[a-z][a-z0-9-]{0,62}[a-z0-9]$/;
const longestTimeout = 60_000;
const longestAge = 3_600_000;

/** Where users and roles come from besides the database; filled by extensions before the first request. */
@Injectable()
export class UserSources {
  private readonly users: UserSource[] = [];
  private readonly roles: RoleSource[] = [];

  /**
   * Has users of `source` sign in here. Accounts of this server come first, then the sources in the order in which they
   * were added: the first that knows a name has it, for good.
   *
   * @throws FirekeepError `EXTENSION_USER_SOURCE_INVALID`
   */
  add(source: UserSource): void {
    check(source, this.users);
    this.users.push(source);
  }

  /** Has `source` give further roles to all users. @throws FirekeepError `EXTENSION_USER_SOURCE_INVALID` */
  addRoles(source: RoleSource): void {
    check(source, this.roles);
    this.roles.push(source);
  }

  /** @internal In the order in which they are asked. */
  get inOrder(): readonly UserSource[] {
    return this.users;
  }

  /** @internal */
  get ofRoles(): readonly RoleSource[] {
    return this.roles;
  }

  /** @internal Undefined: this process has no such source. */
  named(name: string): UserSource | undefined {
    return this.users.find((source) => source.name === name);
  }
}

function check(source: SourceBounds, others: readonly SourceBounds[]): void {
  const { name } = source;
  const problem = !nameShape.test(name)
    ? 'its name must be 2 to 64 lower-case letters, digits and hyphens, beginning with a letter'
    : others.some((other) => other.name === name)
      ? 'there is one of this name already'
      : !isWithin(timeoutOf(source), longestTimeout)
        ? 'timeout must be from 1 to 60 seconds'
        : !isWithin(maximumAgeOf(source), longestAge)
          ? 'maximumAge must be from 1 to 3600 seconds'
          : undefined;
  if (problem === undefined) return;
  throw new FirekeepError(
    'internal',
    'EXTENSION_USER_SOURCE_INVALID',
    `The source "${name.slice(0, 64)}" can't be added: ${problem}.`,
  );
}

function isWithin(milliseconds: number, longest: number): boolean {
  return milliseconds >= 1000 && milliseconds <= longest;
}
