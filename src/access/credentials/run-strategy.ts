/** How a passport strategy ended. `info` is what its verify callback said beside `false`. */
export type StrategyOutcome<T> =
  { readonly kind: 'success'; readonly user: T } | { readonly kind: 'fail'; readonly info: unknown };

interface RunnableStrategy {
  authenticate(request: unknown): void;
}

/**
 * Runs one strategy the way passport's own middleware does (an instance that inherits from the strategy, with
 * its actions added), and keeps its result apart from every other strategy's: `AuthGuard([a, b])` means "or"
 * and overwrites `request.user`, the gate means "and".
 */
export function runStrategy<T>(strategy: RunnableStrategy, request: object): Promise<StrategyOutcome<T>> {
  return new Promise((resolve, reject) => {
    const attempt = Object.assign(Object.create(strategy) as RunnableStrategy, {
      success: (user: T) => resolve({ kind: 'success', user }),
      fail: (info: unknown) => resolve({ kind: 'fail', info }),
      error: (error: unknown) => reject(error instanceof Error ? error : new Error(String(error))),
      pass: () => resolve({ kind: 'fail', info: undefined }),
    });
    attempt.authenticate(request);
  });
}
