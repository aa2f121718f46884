import { FirekeepError } from '../../platform/errors/index.js';

/** @throws FirekeepError 412 `TRUST_VERSION_MISMATCH` where somebody else was faster. */
export function checkVersion(what: string, actual: number, expected: number | undefined): void {
  if (expected === undefined || expected === actual) return;
  throw new FirekeepError(
    'precondition-failed',
    'TRUST_VERSION_MISMATCH',
    `${what} was changed meanwhile: it is at version ${actual}. Read it again and repeat the change.`,
  );
}
