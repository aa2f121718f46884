import { Injectable } from '@nestjs/common';
import { ExtensionSettings, FirekeepEvents, Logger } from 'firekeep';
import { clinic } from './clinic.extension.js';

/** Users whose refused sign-ins are remembered; the oldest goes for a new one. */
const mostUsers = 10_000;

/** Listens to what happens: several refused sign-ins of a user, with none that succeeds between, are an alarm. */
@Injectable()
export class SignInAlarm {
  private readonly refused = new Map<string, number>();
  private readonly limit: number;
  private readonly hasPager: boolean;

  constructor(
    settings: ExtensionSettings,
    private readonly logger: Logger,
  ) {
    const { alarmLimit, pagerKey } = settings.of(clinic);
    this.limit = alarmLimit;
    this.hasPager = pagerKey !== undefined;
  }

  listen(events: FirekeepEvents): void {
    events.on('signed-in', ({ username }) => void this.refused.delete(username));
    // A mark stands for a name that is nobody's, which is not told.
    events.on('sign-in-refused', ({ username, mark, address }) =>
      this.count(username ?? `unknown ${String(mark)}`, address),
    );
  }

  private count(username: string, address: string): void {
    const times = (this.refused.get(username) ?? 0) + 1;
    this.refused.delete(username);
    this.refused.set(username, times);
    const [oldest] = this.refused.keys();
    if (this.refused.size > mostUsers && oldest !== undefined) this.refused.delete(oldest);
    if (times !== this.limit) return;
    this.logger.warn('refused sign-ins', { username, address, times, paged: this.hasPager });
  }
}
