/** Work of which there is one at a time for each key: whoever asks while it is under way gets its outcome. */
export class SharedWork<T> {
  private readonly underWay = new Map<string, Promise<T>>();

  once(key: string, work: () => Promise<T>): Promise<T> {
    const known = this.underWay.get(key);
    if (known !== undefined) return known;
    const started = work().finally(() => this.underWay.delete(key));
    this.underWay.set(key, started);
    return started;
  }
}
