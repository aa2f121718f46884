/** What kind of failure it is; decides the HTTP status and, for FHIR, the issue type. */
export const errorStatus = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'not-acceptable': 406,
  conflict: 409,
  gone: 410,
  'precondition-failed': 412,
  'too-large': 413,
  'unsupported-media-type': 415,
  unprocessable: 422,
  'precondition-required': 428,
  throttled: 429,
  internal: 500,
  unavailable: 503,
} as const;

export type ErrorCategory = keyof typeof errorStatus;

/** One finding inside an error: a field of a form, or an element of a resource. */
export interface ErrorIssue {
  /** What is wrong, in a sentence for the caller. */
  readonly message: string;
  /** Field name or FHIRPath expression of the place. */
  readonly expression?: string;
  readonly code?: string;
  readonly severity?: 'error' | 'warning' | 'information';
}

export interface ErrorOptions {
  readonly issues?: readonly ErrorIssue[];
  /** Seconds after which a retry makes sense; sent as Retry-After. */
  readonly retryAfter?: number;
  /** Headers of the answer beside those that the renderer sets, for example WWW-Authenticate or Allow. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For the log and the administrator only; never sent to the caller. */
  readonly detail?: string;
  /** Reference id of a recorded refusal, which `firekeep explain` looks up. */
  readonly reference?: string;
  readonly cause?: unknown;
}

/**
 * A failure with a stable code (`FHIR_SEARCH_UNKNOWN_PARAMETER`) and a message that the caller may read.
 * Renderers in `platform/http` turn it into an answer; `docs/errors.md` lists every code with its remedy.
 */
export class FirekeepError extends Error {
  readonly issues: readonly ErrorIssue[];
  readonly retryAfter: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly detail: string | undefined;
  readonly reference: string | undefined;

  constructor(
    readonly category: ErrorCategory,
    readonly code: string,
    message: string,
    options: ErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'FirekeepError';
    this.issues = options.issues ?? [];
    this.retryAfter = options.retryAfter;
    this.headers = options.headers ?? {};
    this.detail = options.detail;
    this.reference = options.reference;
  }

  get status(): number {
    return errorStatus[this.category];
  }
}
