/** The time of day in milliseconds since the epoch, never earlier than it was. */
export class MonotonicClock {
  private latest = 0;

  now(): number {
    this.latest = Math.max(this.latest, Date.now());
    return this.latest;
  }
}
