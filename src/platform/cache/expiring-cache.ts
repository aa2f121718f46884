export interface ExpiringCacheOptions {
  /** Entries kept at the most; the least recently used go first. */
  readonly capacity: number;
  /** Milliseconds that an entry lives after it was stored. */
  readonly lifetime: number;
  readonly now?: () => number;
}

interface Entry<V> {
  readonly value: V;
  readonly expires: number;
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
    this.entries.delete(key);
    if (entry.expires <= this.now()) return undefined;
    this.entries.set(key, entry);
    return entry.value;
  }

  set(key: K, value: V): void {
    this.entries.delete(key);
    if (this.entries.size >= this.options.capacity) {
      const oldest = this.entries.keys().next();
      if (oldest.done !== true) this.entries.delete(oldest.value);
    }
    this.entries.set(key, { value, expires: this.now() + this.options.lifetime });
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

  get size(): number {
    return this.entries.size;
  }
}
