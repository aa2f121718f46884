import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../platform/database/index.js';
import { Logger } from '../../platform/logging/index.js';
import { PolledTable } from '../../platform/schedule/index.js';
import { storedRules } from './role.rules.js';
import type { RoleRule } from './role.js';

interface RoleRow extends Record<string, unknown> {
  readonly name: string;
  readonly version: number;
  readonly rules: string;
}

/** The rules of every defined role in memory: a change shows at once on this node, within seconds on others. */
@Injectable()
export class RoleCatalog implements OnModuleInit, OnApplicationShutdown {
  private rules: ReadonlyMap<string, readonly RoleRule[]> = new Map();
  /** Text of what was said to be unreadable, by role: said once, not with every change of another role. */
  private unreadable: ReadonlyMap<string, string> = new Map();
  private changes = 0;
  private readonly table: PolledTable<RoleRow>;

  constructor(
    database: Database,
    private readonly logger: Logger,
  ) {
    this.table = new PolledTable<RoleRow>(database, {
      statement: 'SELECT name, version, rules FROM access_role ORDER BY name',
      changed: (rows) => this.take(rows),
      failed: (error) => logger.debug('roles not refreshed', error),
    });
  }

  onModuleInit(): Promise<void> {
    return this.table.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.table.stop();
  }

  /** Grows with every change of any role. */
  get revision(): number {
    return this.changes;
  }

  /** What the role permits; a role that is not defined permits nothing. */
  rulesOf(role: string): readonly RoleRule[] {
    return this.rules.get(role) ?? [];
  }

  isDefined(role: string): boolean {
    return this.rules.has(role);
  }

  /** Reads the table; what was changed before shows afterwards. */
  refresh(): Promise<void> {
    return this.table.refresh();
  }

  private take(rows: readonly RoleRow[]): void {
    const unreadable = new Map<string, string>();
    const read = rows.map(({ name, rules: text }) => {
      const { rules, problem } = storedRules(text);
      if (problem !== undefined) {
        unreadable.set(name, text);
        if (this.unreadable.get(name) !== text) {
          this.logger.error("rules of a role can't be read, and permit nothing", { role: name, problem });
        }
      }
      return [name, rules] as const;
    });
    this.rules = new Map(read);
    this.unreadable = unreadable;
    this.changes += 1;
  }
}
