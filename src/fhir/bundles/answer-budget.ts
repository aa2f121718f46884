/** Bytes of resources that one response Bundle may hold. */
const maximumBytes = 128 * 2 ** 20;

/** Keeps a Bundle of small requests from asking for an answer that fills the memory. One for each Bundle. */
export class AnswerBudget {
  private left = maximumBytes;
  private refused = 0;

  /** Takes the bytes, where there are as many left. */
  allows(bytes: number): boolean {
    if (bytes > this.left) {
      this.refused += bytes;
      return false;
    }
    this.left -= bytes;
    return true;
  }

  /** Whether so much has been read in vain that nothing more is. */
  get isSpent(): boolean {
    return this.refused > maximumBytes;
  }
}
