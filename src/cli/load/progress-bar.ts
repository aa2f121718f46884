/** A bar on the terminal, redrawn at most ten times a second; silent where standard error is no terminal. */
export class ProgressBar {
  private lastDrawn = 0;
  private readonly started = Date.now();

  constructor(private readonly output: NodeJS.WriteStream = process.stderr) {}

  /** @param fraction 0 to 1 */
  show(fraction: number, resources: number, force = false): void {
    const now = Date.now();
    if (!this.output.isTTY || (!force && now - this.lastDrawn < 100)) return;
    this.lastDrawn = now;
    const width = Math.max(10, Math.min(40, this.output.columns - 50));
    const filled = Math.round(width * Math.min(1, fraction));
    const perSecond = Math.round((resources * 1_000) / Math.max(1, now - this.started));
    const bar = '█'.repeat(filled) + '░'.repeat(width - filled);
    this.output.write(`\r${bar} ${Math.round(fraction * 100)} %  ${resources} resources  ${perSecond}/s   `);
  }

  end(): void {
    if (this.output.isTTY) this.output.write('\n');
  }
}
