/** A computation that somebody else has defined took more steps than it was given. */
export class BudgetExceeded extends Error {
  constructor() {
    super('The steps that a computation may take are used up.');
    this.name = 'BudgetExceeded';
  }
}

/** Steps that one millisecond of a slow machine is good for. */
const STEPS_A_MILLISECOND = 10_000;

/**
 * Steps that a computation may take which somebody else has defined: constraints of profiles, patterns. A step is
 * an item that is looked at, or some characters that are written: about 0.1 µs.
 */
export class StepBudget {
  /** For what FHIR R4 itself defines. */
  static readonly unlimited = new StepBudget(Infinity);

  constructor(private left: number) {}

  get isLimited(): boolean {
    return this.left !== Infinity;
  }

  /** @throws BudgetExceeded */
  spend(steps: number): void {
    this.left -= steps;
    if (this.left < 0) throw new BudgetExceeded();
  }

  /**
   * Runs what is hard to foresee, and spends the steps of the time that it took, but no more than `most`, so that
   * a pause of the machine costs a small work nothing.
   *
   * @throws BudgetExceeded
   */
  timed<T>(most: number, run: () => T): T {
    if (!this.isLimited) return run();
    const start = performance.now();
    const result = run();
    this.spend(Math.min(most, Math.ceil((performance.now() - start) * STEPS_A_MILLISECOND)));
    return result;
  }
}
