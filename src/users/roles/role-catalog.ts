import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../platform/database/index.js';
import { Logger } from '../../platform/logging/index.js';
import { RecurringWork } from '../../platform/schedule/index.js';
import { storedRules } from './role.rules.js';
import type { RoleRule } from './role.js';

interface RoleRow extends Record<string, unknown> {
  readonly name: string;
  readonly version: number;
  readonly rules: string;
}

const refreshEvery = 2_000;

/** The rules of every defined role in memory: a change shows at once on this node, within seconds on others. */
@Injectable()
export class RoleCatalog implements OnModuleInit, OnApplicationShutdown {
  private rules: ReadonlyMap<string, readonly RoleRule[]> = new Map();
  private fingerprint = '[]';
  private changes = 0;
  private readonly reading = new RecurringWork(
    refreshEvery,
    () => this.read(),
    (error) => this.logger.debug('roles not refreshed', error),
  );

  constructor(
    private readonly database: Database,
    private readonly logger: Logger,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.refresh();
    this.reading.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.reading.stop();
  }

  /** Grows with every change of any role. */
  get revision(): number {
    return this.changes;
  }

  /** What the role permits; a role that is not defined permits nothing. */
  rulesOf(role: string): readonly RoleRule[] {
    return this.rules.get(role) ?? [];
  }

  /** Reads the table. One reading at a time: one that began before a change must not end behind a later one. */
  refresh(): Promise<void> {
    return this.reading.now();
  }

  private async read(): Promise<void> {
    const rows = await this.database.query<RoleRow>(
      'SELECT name, version, rules FROM access_role ORDER BY name',
    );
    const fingerprint = JSON.stringify(rows);
    if (fingerprint === this.fingerprint) return;
    this.fingerprint = fingerprint;
    this.rules = new Map(rows.map(({ name, rules }) => [name, storedRules(rules)]));
    this.changes += 1;
  }
}
