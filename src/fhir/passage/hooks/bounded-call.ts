import { FirekeepError } from '../../../platform/errors/index.js';
import { withinTime } from '../../../platform/extension/index.js';

/**
 * Calls a hook that may wait, and waits for it no longer than the time that it has.
 *
 * @param label which hook it is, for the log
 * @param limit milliseconds
 * @throws FirekeepError what the hook threw, 503 `FHIR_HOOK_TIMEOUT` where its time is over, 500
 * `FHIR_HOOK_FAILED` for whatever else it threw
 */
export async function boundedCall<T>(
  label: string,
  limit: number,
  call: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  try {
    return await withinTime(limit, call, () => timedOut(label, limit));
  } catch (thrown) {
    throw hookError(label, thrown);
  }
}

/** A veto as it is; whatever else a hook threw as a failure of the extension, which tells the caller nothing. */
export function hookError(label: string, thrown: unknown): FirekeepError {
  if (thrown instanceof FirekeepError) return thrown;
  return new FirekeepError('internal', 'FHIR_HOOK_FAILED', 'An extension of this server failed.', {
    detail: label,
    cause: thrown,
  });
}

function timedOut(label: string, limit: number): FirekeepError {
  return new FirekeepError(
    'unavailable',
    'FHIR_HOOK_TIMEOUT',
    'An extension of this server did not come to an end in time. Try again later.',
    { retryAfter: 5, detail: `${label} took more than ${limit} ms` },
  );
}
