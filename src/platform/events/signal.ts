/** Tells listeners in this process that something has changed; they run at once, in order of registration. */
export class Signal<T> {
  private readonly listeners = new Set<(value: T) => void>();

  /** @returns a function that takes the listener off again. */
  subscribe(listener: (value: T) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  emit(value: T): void {
    for (const listener of this.listeners) listener(value);
  }
}
