/** Numbers by name. When full, the half that was not asked for lately goes. */
export class NumberCache {
  private recent = new Map<string, number>();
  private older = new Map<string, number>();

  constructor(private readonly capacity: number) {}

  get(name: string): number | undefined {
    const number = this.recent.get(name);
    if (number !== undefined) return number;
    const old = this.older.get(name);
    if (old !== undefined) this.set(name, old);
    return old;
  }

  set(name: string, number: number): void {
    if (this.recent.size >= this.capacity / 2) {
      this.older = this.recent;
      this.recent = new Map();
    }
    this.recent.set(name, number);
  }
}
