import { setTimeout as sleep } from 'node:timers/promises';
import {
  isDuplicateKey,
  isOutOfRange,
  isRetryable,
  isUnreachable,
  unavailable,
  type Database,
} from '../../../platform/database/index.js';
import { FirekeepError } from '../../../platform/errors/index.js';
import type { WriteUnit } from '../ports.js';
import {
  GroupTransaction,
  NeedsPreparation,
  OvertakenCondition,
  type GroupParts,
} from './group-transaction.js';
import { NeedsDefinitionsLock, StaleDefinitions } from './group-definitions.js';
import type { SqlInternedNames } from './interned-names.js';
import { isCommitted, OutcomeUnknown } from './commit-in-doubt.js';
import { NameResolver } from './name-resolver.js';
import { failed, type UnitOutcome } from './unit-outcome.js';
import { idTaken } from './group-plan.js';

/** How often a group is tried when it loses against others or the connection breaks. */
const ATTEMPTS = 6;
/** No attempt starts later than this after the first one. */
const PATIENCE_MS = 20_000;
const FIRST_DELAY_MS = 10;
/** Repository and type, then parameters and systems: two rounds are usual; caches that overflow may add some. */
const PREPARATIONS = 10;
/** A key that is taken may belong to a row that the first attempt could not see yet. */
const DUPLICATE_ATTEMPTS = 3;

/**
 * Writes groups of units, each in one transaction: tries again what lost against other transactions, with all
 * state rebuilt, and takes a group apart whose statements fail, so that no unit sinks its neighbours.
 */
export class GroupCommit {
  constructor(
    private readonly database: Database,
    private readonly names: SqlInternedNames,
    private readonly parts: GroupParts,
  ) {}

  /** @returns one outcome a unit, in their order. Never rejects. */
  async run(units: readonly WriteUnit<unknown>[]): Promise<UnitOutcome[]> {
    try {
      return await this.tryUntilDone(units);
    } catch (error) {
      const [unit] = units;
      if (units.length === 1 || unit === undefined || concernsAll(error)) {
        return units.map(() => failed(publicError(error)));
      }
    }
    const outcomes: UnitOutcome[] = [];
    for (const unit of units) outcomes.push(...(await this.run([unit])));
    return outcomes;
  }

  private async tryUntilDone(units: readonly WriteUnit<unknown>[]): Promise<UnitOutcome[]> {
    const giveUp = Date.now() + PATIENCE_MS;
    let preparations = 0;
    let systems: ReadonlyMap<string, number> = new Map();
    let lock: 'share' | 'update' = 'share';
    for (let attempt = 1; ;) {
      const names = new NameResolver(this.names, systems);
      const transaction = new GroupTransaction(this.parts, names, units, lock);
      try {
        return await this.commit(transaction);
      } catch (error) {
        if (error instanceof NeedsPreparation && ++preparations <= PREPARATIONS) {
          systems = new Map([...systems, ...(await this.names.intern(names.missing))]);
          if (error.newRids > 0) await this.parts.rids.reserve(error.newRids);
          continue;
        }
        if (error instanceof NeedsDefinitionsLock && lock === 'share') {
          lock = 'update';
          continue;
        }
        if (error instanceof StaleDefinitions) await this.parts.registry?.refresh();
        if (!mayTryAgain(error, units.length, attempt) || Date.now() > giveUp) throw error;
        await sleep(FIRST_DELAY_MS * 2 ** (attempt - 1) * (0.5 + Math.random()));
        attempt++;
      }
    }
  }

  /** Commits, and finds out what became of a commit whose answer was lost. */
  private async commit(transaction: GroupTransaction): Promise<UnitOutcome[]> {
    let outcomes: UnitOutcome[] | undefined;
    try {
      return await this.database.transaction(async (session) => (outcomes = await transaction.run(session)));
    } catch (error) {
      if (isOutOfRange(error)) throw new StaleDefinitions();
      const [witness] = transaction.changes;
      if (outcomes === undefined || witness === undefined || !isUnreachable(error)) throw error;
      if (await isCommitted(this.database, witness)) return outcomes;
      throw error;
    }
  }
}

function mayTryAgain(error: unknown, units: number, attempt: number): boolean {
  if (isDuplicateKey(error)) return units === 1 && attempt < DUPLICATE_ATTEMPTS;
  return (isContended(error) || isUnreachable(error)) && attempt < ATTEMPTS;
}

/** Whether the failure is none of a single unit's: each alone would meet it again. */
function concernsAll(error: unknown): boolean {
  return error instanceof OutcomeUnknown || isUnreachable(error) || isContended(error);
}

function isContended(error: unknown): boolean {
  return isRetryable(error) || error instanceof OvertakenCondition || error instanceof StaleDefinitions;
}

function publicError(error: unknown): unknown {
  if (error instanceof OutcomeUnknown || isUnreachable(error)) {
    return error instanceof OutcomeUnknown ? outcomeUnknown(error) : unavailable(error);
  }
  if (isDuplicateKey(error)) return idTaken('The resource', error);
  if (!isContended(error)) return error;
  return new FirekeepError(
    'unavailable',
    'FHIR_STORE_CONTENDED',
    'Too many others are writing to the same resources. Nothing was changed; try again soon.',
    { retryAfter: 1, cause: error },
  );
}

function outcomeUnknown(error: OutcomeUnknown): FirekeepError {
  return new FirekeepError(
    'unavailable',
    'FHIR_STORE_OUTCOME_UNKNOWN',
    'The connection to the database broke during the commit, so the write may have been stored or not. Read before you try again.',
    { retryAfter: 5, cause: error.cause },
  );
}
