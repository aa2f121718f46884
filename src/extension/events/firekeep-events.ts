import { Injectable } from '@nestjs/common';
import { FhirHooks, type CommittedWrite, type HookContext } from '../../fhir/index.js';
import { Logger } from '../../platform/logging/index.js';
import type { FirekeepEventName, FirekeepEventTypes } from './event-types.js';

type Listener<N extends FirekeepEventName> = (event: FirekeepEventTypes[N]) => void | Promise<void>;

interface Subscription {
  readonly listener: (event: never) => void | Promise<void>;
  /** Calls that have not come to an end. */
  pending: number;
  /** Whether it is known by the log that events are left out. */
  isBehind: boolean;
}

/** Calls of one listener that may be under way; what comes beyond is left out. */
const mostPending = 1_000;

/**
 * Tells extensions what happens. An event is told in the process in which it happened, at once and once; nobody waits for
 * the listeners, and one that fails is logged and harms nothing. Where a process ends, what its listeners have not finished is
 * lost: what must not be lost is read from the history (`_since`) or the audit.
 *
 * @example
 * events.on('sign-in-refused', ({ username, mark, address }) => this.alarm.count(username ?? mark, address));
 */
@Injectable()
export class FirekeepEvents {
  private readonly subscriptions = new Map<FirekeepEventName, Set<Subscription>>();
  private hearsWrites = false;

  constructor(
    private readonly hooks: FhirHooks,
    private readonly logger: Logger,
  ) {}

  /**
   * Calls `listener` at each event of this name from now on. Of an asynchronous one, up to 1,000 calls are under way at
   * a time; events beyond that are left out for it, with a line in the log.
   *
   * @returns takes it off again
   */
  on<N extends FirekeepEventName>(name: N, listener: Listener<N>): () => void {
    if (name === 'resource-written') this.hearWrites();
    const subscription: Subscription = { listener, pending: 0, isBehind: false };
    const known = this.subscriptions.get(name) ?? new Set();
    this.subscriptions.set(name, known.add(subscription));
    return () => void known.delete(subscription);
  }

  /** Called by what brings the events together. */
  emit<N extends FirekeepEventName>(name: N, event: FirekeepEventTypes[N]): void {
    const subscriptions = this.subscriptions.get(name);
    if (subscriptions === undefined || subscriptions.size === 0) return;
    const shared = Object.freeze({ ...event });
    for (const subscription of subscriptions) this.deliver(name, subscription, shared);
  }

  private deliver(name: FirekeepEventName, subscription: Subscription, event: object): void {
    if (subscription.pending >= mostPending) {
      if (!subscription.isBehind)
        this.logger.warn('a listener of an extension misses events', { event: name });
      subscription.isBehind = true;
      return;
    }
    try {
      const answer = subscription.listener(event as never);
      if (answer instanceof Promise) void this.follow(name, subscription, answer);
    } catch (error) {
      this.report(name, error);
    }
  }

  private async follow(
    name: FirekeepEventName,
    subscription: Subscription,
    answer: Promise<void>,
  ): Promise<void> {
    subscription.pending += 1;
    try {
      await answer;
    } catch (error) {
      this.report(name, error);
    } finally {
      subscription.pending -= 1;
      if (subscription.pending === 0) subscription.isBehind = false;
    }
  }

  private report(event: FirekeepEventName, thrown: unknown): void {
    const { name, message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown));
    this.logger.error('a listener of an extension failed', { event, error: { name, message, stack } });
  }

  /** Hooks cost every write something, so there are none until somebody listens. */
  private hearWrites(): void {
    if (this.hearsWrites) return;
    this.hearsWrites = true;
    const tell = (write: CommittedWrite, { endpoint, principal }: HookContext): void => {
      const { kind, type, id, version } = write;
      this.emit('resource-written', { kind, type, id, version, endpoint: endpoint.base, principal });
    };
    this.hooks.register({ name: 'FirekeepEvents', afterCreate: tell, afterUpdate: tell, afterDelete: tell });
  }
}
