/** The time of a call is over. */
export class TimeIsOver extends Error {}

/**
 * Waits for a call of an extension no longer than its time.
 *
 * @param limit milliseconds
 * @param over makes the error of a call that takes longer
 * @throws what `over` makes, which is the reason of the aborted signal too; what the call throws
 */
export async function withinTime<T>(
  limit: number,
  call: (signal: AbortSignal) => T | Promise<T>,
  over: () => Error = () => new TimeIsOver(`took more than ${limit} ms`),
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = over();
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
