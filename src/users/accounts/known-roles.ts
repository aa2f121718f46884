import { Injectable } from '@nestjs/common';
import { ExpiringCache } from '../../platform/cache/index.js';
import { Logger } from '../../platform/logging/index.js';
import { RoleCatalog } from '../roles/role-catalog.js';
import { isBuiltInRole } from '../roles/role.rules.js';
import { mostRoles } from './user.rules.js';

const loggedAgainAfter = 60 * 60_000;

/** Of the roles that a source names, those that there are. */
@Injectable()
export class KnownRoles {
  private readonly logged = new ExpiringCache<string, true>({ capacity: 1_000, lifetime: loggedAgainAfter });

  constructor(
    private readonly catalog: RoleCatalog,
    private readonly logger: Logger,
  ) {}

  /** Each once, in order; one that isn't there grants nothing and is logged. */
  of(source: string, roles: readonly string[]): string[] {
    const known = [...new Set(roles)].filter((role) => {
      const isKnown = isBuiltInRole(role) || this.catalog.isDefined(role);
      if (!isKnown) this.logOnce(source, `there is no role ${JSON.stringify(role.slice(0, 64))}`);
      return isKnown;
    });
    if (known.length > mostRoles) this.logOnce(source, `a user has at most ${mostRoles} roles`);
    return known.slice(0, mostRoles).sort();
  }

  /** Says once an hour what a source gives that can't be used. */
  logOnce(source: string, problem: string): void {
    const key = `${source} ${problem}`;
    if (this.logged.get(key) === true) return;
    this.logged.set(key, true);
    this.logger.warn('what a source of users gives is left out', { source, problem });
  }
}
