/** Seconds that what waits may take to be stored: with the time until it is taken up, a kill then costs less than a second. */
const longestBacklog = 0.3;
const least = 400;
/** Of the newest measurement. */
const weight = 0.3;

/** How many events may wait, by how fast the database takes them. */
export class DrainRate {
  private perSecond = least / longestBacklog;

  /** @param most events, however fast the database is */
  constructor(private readonly most: number) {}

  stored(count: number, milliseconds: number): void {
    const seen = (count * 1000) / Math.max(milliseconds, 1);
    this.perSecond += weight * (seen - this.perSecond);
  }

  get limit(): number {
    return Math.min(this.most, Math.max(least, Math.round(this.perSecond * longestBacklog)));
  }
}
