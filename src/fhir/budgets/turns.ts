import { setImmediate } from 'node:timers/promises';

/** Milliseconds of work between two pauses. */
const TURN_MS = 10;

/** Long work in pieces: other requests get their turn between them. */
export class Turns {
  private start = performance.now();

  /** Whether so much was done since the last pause that the next one is due. */
  get isOver(): boolean {
    return performance.now() - this.start > TURN_MS;
  }

  /** Lets others go first. */
  async pause(): Promise<void> {
    await setImmediate();
    this.start = performance.now();
  }
}
