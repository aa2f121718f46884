import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { Settings } from '../../../platform/config/index.js';
import { Logger } from '../../../platform/logging/index.js';
import type { InteractionContext } from '../../exchange/interaction-context.js';
import { boundedCall, hookError } from './bounded-call.js';
import { FhirHooks } from './fhir-hooks.js';
import type { AsyncHookContext, HookPoint, HookSet, PendingWrite } from './hook-set.js';

export type VetoPoint = 'beforeDelete' | 'beforeRead' | 'beforeSearch';
export type AfterPoint = 'afterCreate' | 'afterUpdate' | 'afterDelete' | 'afterRead' | 'afterSearch';
type ArgumentOf<P extends HookPoint> = Parameters<NonNullable<HookSet[P]>>[0];
type AnyHook = (argument: object, context: Partial<AsyncHookContext>) => unknown;

/** Milliseconds of synchronous hooks in one transaction that are worth a line in the log. */
const slowTransaction = 100;

/** Calls hooks, one after the other, as their position demands: within their time, synchronously, or behind. */
@Injectable()
export class HookCalls implements BeforeApplicationShutdown {
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly hooks: FhirHooks,
    private readonly settings: Settings,
    private readonly logger: Logger,
  ) {}

  /** Calls one hook that may wait. @throws FirekeepError its veto, or `FHIR_HOOK_…` */
  call(set: HookSet, point: HookPoint, argument: object, context: InteractionContext): Promise<unknown> {
    const { endpoint, principal } = context;
    return boundedCall(`${set.name}.${point}`, this.limit, (signal) =>
      invoke(set, point, argument, { endpoint, principal, signal }),
    );
  }

  /** Calls the hooks that may keep something from happening; undefined: there are none. */
  veto<P extends VetoPoint>(
    point: P,
    type: string | null,
    argument: ArgumentOf<P>,
    context: InteractionContext,
  ): Promise<void> | undefined {
    const sets = this.hooks.at(point, type);
    if (sets.length === 0) return undefined;
    return (async () => {
      for (const set of sets) await this.call(set, point, argument, context);
    })();
  }

  /** Calls hooks whose errors change nothing any more. Never rejects. */
  async notify<P extends AfterPoint>(
    point: P,
    type: string | null,
    argument: ArgumentOf<P>,
    context: InteractionContext,
  ): Promise<void> {
    for (const set of this.hooks.at(point, type)) {
      try {
        await this.call(set, point, argument, context);
      } catch (thrown) {
        const { code, message, detail, cause } = hookError(set.name, thrown);
        this.logger.error('a hook failed behind its interaction', {
          hook: `${set.name}.${point}`,
          error: { name: code, message, detail, cause: cause instanceof Error ? cause.message : undefined },
        });
      }
    }
  }

  /** Calls the synchronous hooks for the writes of one attempt. @throws FirekeepError their veto, or `FHIR_HOOK_FAILED` */
  inTransaction(writes: readonly PendingWrite[], { endpoint, principal }: InteractionContext): void {
    const begin = performance.now();
    for (const write of writes) {
      for (const set of this.hooks.at('inTransaction', write.type)) {
        callSynchronously(set, write, { endpoint, principal });
      }
    }
    const milliseconds = Math.round(performance.now() - begin);
    if (milliseconds > slowTransaction) {
      this.logger.warn('hooks hold up a transaction', { milliseconds, writes: writes.length });
    }
  }

  /**
   * Runs hooks behind an interaction. The answer waits for them, so that they can't pile up without bound, but for
   * no longer than one hook may take.
   *
   * @param work never rejects
   */
  async behind(work: () => Promise<void>): Promise<void> {
    const done = work();
    this.running.add(done);
    void done.finally(() => this.running.delete(done));
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => (timer = setTimeout(resolve, this.limit)));
    await Promise.race([done, enough]);
    clearTimeout(timer);
  }

  /** Lets hooks behind a commit come to their end. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.running);
  }

  /** Milliseconds that a hook may take. */
  private get limit(): number {
    return this.settings.get('hookTimeout') * 1_000;
  }
}

function invoke(
  set: HookSet,
  point: HookPoint,
  argument: object,
  context: Partial<AsyncHookContext>,
): unknown {
  return (set as Readonly<Partial<Record<HookPoint, AnyHook>>>)[point]?.call(set, argument, context);
}

function callSynchronously(
  set: HookSet,
  write: PendingWrite,
  context: Pick<AsyncHookContext, 'endpoint' | 'principal'>,
): void {
  try {
    const returned = invoke(set, 'inTransaction', write, context);
    if (returned instanceof Promise) {
      // Its veto would come too late, so that there must not be one.
      returned.catch(() => undefined);
      throw new Error('inTransaction must be synchronous, but returned a promise.');
    }
  } catch (thrown) {
    throw hookError(`${set.name}.inTransaction`, thrown);
  }
}
