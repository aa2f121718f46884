import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThanOrEqual, type Repository } from 'typeorm';
import { Database, isDuplicateKey } from '../../platform/database/index.js';
import { OutboundError, type OutboundStage } from '../outbound/outbound-error.js';
import type { SetupFailure } from './setup-failure.js';
import { SetupEntity, type SetupKind, type SetupWork } from './setup.entity.js';

/** Longer than any attempt takes, so that work whose process died is taken up again. */
const takenFor = 60_000;
const firstPause = 1_000;
const longestPause = 5 * 60_000;

/** Discoveries and registrations that are to be done in the background, shared by all processes. */
@Injectable()
export class SetupQueue {
  constructor(
    private readonly database: Database,
    @InjectRepository(SetupEntity) private readonly repository: Repository<SetupEntity>,
  ) {}

  /** Asks for it to be done at once; what is waiting already is moved to the front. */
  async request(kind: SetupKind, name: string): Promise<void> {
    const fresh = { attempts: 0, dueAt: Date.now(), lastStage: null, lastFailure: null, lastAttemptAt: null };
    try {
      await this.database.write((manager) => manager.insert(SetupEntity, { kind, name, ...fresh }));
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      await this.database.write((manager) =>
        manager.update(SetupEntity, { kind, name }, { attempts: 0, dueAt: fresh.dueAt }),
      );
    }
  }

  /** What is due now; a discovery before the registration that needs it. */
  due(): Promise<SetupWork[]> {
    return this.repository.find({
      where: { dueAt: LessThanOrEqual(Date.now()) },
      order: { kind: 'ASC', dueAt: 'ASC' },
      take: 20,
    });
  }

  /** Takes the work; false where another process was faster. */
  async take(work: SetupWork): Promise<boolean> {
    const { kind, name, dueAt, attempts } = work;
    const result = await this.database.write((manager) =>
      manager.update(
        SetupEntity,
        { kind, name, dueAt, attempts },
        { dueAt: Date.now() + takenFor, attempts: attempts + 1 },
      ),
    );
    return result.affected === 1;
  }

  async done(kind: SetupKind, name: string): Promise<void> {
    await this.database.write((manager) => manager.delete(SetupEntity, { kind, name }));
  }

  /** Keeps the reason and sets the next attempt: pauses double, up to five minutes, and are never quite equal. */
  async failed(work: SetupWork, error: unknown): Promise<void> {
    const pause = Math.min(firstPause * 2 ** Math.min(work.attempts, 20), longestPause);
    const { kind, name } = work;
    await this.database.write((manager) =>
      manager.update(
        SetupEntity,
        { kind, name },
        {
          dueAt: Date.now() + Math.round(pause * (0.75 + Math.random() / 2)),
          lastStage: error instanceof OutboundError ? error.stage : null,
          lastFailure: error instanceof Error ? error.message.slice(0, 4000) : 'unknown',
          lastAttemptAt: Date.now(),
        },
      ),
    );
  }

  async waiting(kind: SetupKind): Promise<ReadonlySet<string>> {
    return new Set((await this.repository.find({ where: { kind } })).map(({ name }) => name));
  }

  async failuresOf(kind: SetupKind): Promise<ReadonlyMap<string, SetupFailure>> {
    const rows = await this.repository.find({ where: { kind } });
    return new Map(rows.flatMap((row) => (row.lastFailure === null ? [] : [[row.name, toFailure(row)]])));
  }
}

function toFailure(row: SetupEntity): SetupFailure {
  return {
    ...(row.lastStage === null ? {} : { stage: row.lastStage as OutboundStage }),
    message: row.lastFailure ?? '',
    attempts: row.attempts,
    at: row.lastAttemptAt ?? 0,
    nextAttemptAt: row.dueAt,
  };
}
