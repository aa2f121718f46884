import { createHash } from 'node:crypto';
import type { TokenVerification } from '../../contract/index.js';

/** Results by SHA-256 of the token, so that no token lies in memory; bounded, the least recently used go first. */
export class VerifiedTokenCache {
  private readonly entries = new Map<
    string,
    { readonly result: TokenVerification; readonly until: number; readonly version: number }
  >();

  constructor(
    private readonly capacity: number,
    private readonly now: () => number = Date.now,
  ) {}

  static keyOf(token: string): string {
    return createHash('sha256').update(token).digest('base64');
  }

  /** @param version of the keys by which it must have been verified */
  get(key: string, version = 0): TokenVerification | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    this.entries.delete(key);
    if (entry.until <= this.now() || entry.version !== version) return undefined;
    this.entries.set(key, entry);
    return entry.result;
  }

  /**
   * @param until milliseconds since the epoch
   * @param version of the keys by which it was verified
   */
  set(key: string, result: TokenVerification, until: number, version = 0): void {
    this.entries.delete(key);
    if (until <= this.now()) return;
    if (this.entries.size >= this.capacity) {
      const oldest = this.entries.keys().next();
      if (oldest.done !== true) this.entries.delete(oldest.value);
    }
    this.entries.set(key, { result, until, version });
  }

  get size(): number {
    return this.entries.size;
  }
}
