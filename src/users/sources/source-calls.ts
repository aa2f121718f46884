import { Injectable } from '@nestjs/common';
import { FirekeepError } from '../../platform/errors/index.js';
import { Logger } from '../../platform/logging/index.js';
import { timeoutOf, type SourceBounds } from './user-source.js';

/** Calls of one source at once; of more, each fails without a call. */
const atOnce = 32;
/** Milliseconds between two lines about the same source. */
const warningInterval = 5_000;
const longestReason = 300;
/** Seconds after which it makes sense to come again. */
const retryAfter = 5;

/** Calls what extensions wrote: bounded in time and number, and what fails means that the source is away. */
@Injectable()
export class SourceCalls {
  private readonly underWay = new Map<string, number>();
  private readonly nextWarning = new Map<string, number>();

  constructor(private readonly logger: Logger) {}

  /**
   * @param secret what must not be in a log line, whatever the source says about its failure
   * @throws FirekeepError 503 `USERS_SOURCE_UNAVAILABLE`
   */
  async ask<T>(source: SourceBounds, work: (signal: AbortSignal) => Promise<T>, secret?: string): Promise<T> {
    const { name } = source;
    const running = this.underWay.get(name) ?? 0;
    if (running >= atOnce) throw this.away(name, `${atOnce} calls are under way`);
    this.underWay.set(name, running + 1);
    try {
      return await within(timeoutOf(source), work);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw this.away(name, secret === undefined ? reason : reason.replaceAll(secret, '…'));
    } finally {
      this.underWay.set(name, (this.underWay.get(name) ?? 1) - 1);
    }
  }

  /** To be thrown: it can't be asked now. */
  away(name: string, reason: string): FirekeepError {
    const now = Date.now();
    const shown = reason.slice(0, longestReason);
    if (now >= (this.nextWarning.get(name) ?? 0)) {
      this.nextWarning.set(name, now + warningInterval);
      this.logger.warn('a source of users can not be asked', { source: name, reason: shown });
    }
    return new FirekeepError(
      'unavailable',
      'USERS_SOURCE_UNAVAILABLE',
      'The directory that users of this server come from does not answer. Try again in a moment.',
      { retryAfter, detail: `${name}: ${shown}` },
    );
  }
}

/** The outcome of the work, or an error where it takes longer; its signal is aborted then. */
async function within<T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`it did not answer within ${milliseconds / 1000} s`);
      controller.abort(error);
      reject(error);
    }, milliseconds).unref();
  });
  const started = new Promise<T>((resolve) => resolve(work(controller.signal)));
  try {
    return await Promise.race([started, late]);
  } finally {
    clearTimeout(timer);
    // It may fail later, when nobody waits any more.
    started.catch(() => undefined);
  }
}
