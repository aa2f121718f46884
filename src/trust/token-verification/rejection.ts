import type { TokenRejection } from '../../contract/index.js';

export interface Rejected {
  readonly ok: false;
  readonly rejection: TokenRejection;
}

/** Texts are for the administrator; none may hold any part of the token but claims that `cleanText` has cleaned. */
export function rejected(
  check: TokenRejection['check'],
  expected: string,
  actual: string,
  remedy: string,
): Rejected {
  return { ok: false, rejection: { check, expected, actual, remedy } };
}

/** The issuer can't be asked now: 503, not 401. */
export function unavailable(
  check: TokenRejection['check'],
  expected: string,
  actual: string,
  remedy: string,
): Rejected {
  return { ok: false, rejection: { check, expected, actual, remedy, unavailable: true } };
}
