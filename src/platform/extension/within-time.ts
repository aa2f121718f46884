/** The time of a call is over. */
export class TimeIsOver extends Error {}

/**
 * Waits for a call of an extension no longer than its time.
 *
 * @param limit milliseconds
 * @throws TimeIsOver, which is the reason of the aborted signal too; what the call throws
 */
export async function withinTime<T>(
  limit: number,
  call: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new TimeIsOver(`took more than ${limit} ms`);
      controller.abort(error);
      reject(error);
    }, limit);
  });
  try {
    return await Promise.race([call(controller.signal), expiry]);
  } finally {
    clearTimeout(timer);
  }
}
