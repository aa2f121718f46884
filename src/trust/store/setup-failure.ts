import type { OutboundStage } from '../outbound/outbound-error.js';

/** What went wrong the last time that something was tried in the background. */
export interface SetupFailure {
  /** Undefined where it is not about reaching another server. */
  readonly stage?: OutboundStage;
  readonly message: string;
  readonly attempts: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly nextAttemptAt: number;
}
