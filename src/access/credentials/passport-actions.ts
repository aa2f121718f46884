/**
 * A passport strategy as its subclasses see it: the actions that passport adds to the running instance, and
 * the verify callback that the constructor was given. The type packages leave both out.
 */
export interface PassportActions<TVerify> {
  readonly _verify: TVerify;
  success(user: object): void;
  fail(info: object): void;
  error(error: unknown): void;
  authenticate(request: unknown): void;
}

type PassportStrategyClass<TVerify> = new (options: object, verify: TVerify) => PassportActions<TVerify>;

/** The class of a strategy with what its type leaves out: `unknown`, because the type package knows less. */
export function withActions<TVerify>(strategy: unknown): PassportStrategyClass<TVerify> {
  return strategy as PassportStrategyClass<TVerify>;
}
