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

interface ReadRole {
  /** As it is stored. */
  readonly text: string;
  readonly rules: readonly RoleRule[];
}

/** The rules of every defined role in memory: a change shows at once on this node, within seconds on others. */
@Injectable()
export class RoleCatalog implements OnModuleInit, OnApplicationShutdown {
  private roles: ReadonlyMap<string, ReadRole> = new Map();
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
    return this.roles.get(role)?.rules ?? [];
  }

  isDefined(role: string): boolean {
    return this.roles.has(role);
  }

  /** Reads the table; what was changed before shows afterwards. */
  refresh(): Promise<void> {
    return this.table.refresh();
  }

  private take(rows: readonly RoleRow[]): void {
    this.roles = new Map(rows.map((row) => [row.name, this.read(row)]));
    this.changes += 1;
  }

  /** What has not changed is neither read nor complained of again with every change of another role. */
  private read({ name, rules: text }: RoleRow): ReadRole {
    const known = this.roles.get(name);
    if (known?.text === text) return known;
    const { rules, problem } = storedRules(text);
    if (problem !== undefined) {
      this.logger.error("rules of a role can't be read, and permit nothing", { role: name, problem });
    }
    return { text, rules };
  }
}
