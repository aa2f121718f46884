export interface ExpiringCacheOptions {
  /** Entries kept at the most; those that nobody asks for go first. */
  readonly capacity: number;
  /** Milliseconds that an entry lives after it was stored. */
  readonly lifetime: number;
  readonly now?: () => number;
}

interface Entry<V> {
  readonly value: V;
  readonly expires: number;
  /** Whether it was asked for since its turn to go came last. */
  isWanted: boolean;
}

/** A bounded map whose entries expire: reads by key on hot paths without a statement each. */
export class ExpiringCache<K, V> {
  private readonly entries = new Map<K, Entry<V>>();
  private readonly loading = new Map<K, Promise<V | undefined>>();
  private readonly now: () => number;

  constructor(private readonly options: ExpiringCacheOptions) {
    this.now = options.now ?? Date.now;
  }

  get(key: K): V | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expires <= this.now()) {
      this.entries.delete(key);
      return undefined;
    }
    // Not moved to the end: a Map whose entries come and go at every read drags dead tables into the old generation.
    entry.isWanted = true;
    return entry.value;
  }

  set(key: K, value: V): void {
    this.entries.delete(key);
    if (this.entries.size >= this.options.capacity) this.makeRoom();
    this.entries.set(key, { value, expires: this.now() + this.options.lifetime, isWanted: false });
  }

  /**
   * The entry, or what `load` finds; callers that come meanwhile share one load. What isn't found is not kept,
   * so that a thing made elsewhere is seen at once.
   */
  async load(key: K, load: () => Promise<V | undefined>): Promise<V | undefined> {
    const known = this.get(key);
    if (known !== undefined) return known;
    const underWay = this.loading.get(key);
    if (underWay !== undefined) return underWay;
    const started = load();
    this.loading.set(key, started);
    try {
      const value = await started;
      // `delete` meanwhile forgot this load: what it read may be of before the change.
      if (value !== undefined && this.loading.get(key) === started) this.set(key, value);
      return value;
    } finally {
      if (this.loading.get(key) === started) this.loading.delete(key);
    }
  }

  /** Also keeps a load that is under way from being stored. */
  delete(key: K): void {
    this.entries.delete(key);
    this.loading.delete(key);
  }

  clear(): void {
    this.entries.clear();
    this.loading.clear();
  }

  /** Drops the oldest entry that was not asked for since its turn came last. */
  private makeRoom(): void {
    for (const [key, entry] of this.entries) {
      this.entries.delete(key);
      if (!entry.isWanted) return;
      entry.isWanted = false;
      this.entries.set(key, entry);
    }
  }

  get size(): number {
    return this.entries.size;
  }
}
