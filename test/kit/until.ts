import { setTimeout as sleep } from 'node:timers/promises';

/** A net, not a measure: how long something takes on a busy machine is no failure. */
const limit = 120_000;

/**
 * Asks again and again until it holds.
 *
 * @param what completes "Waited for …"
 * @throws Error that names what did not come about
 */
export async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  await eventually(what, holds, (value) => value);
}

/**
 * What `read` answers as soon as it is what was waited for.
 *
 * @throws Error that names what did not come about, with the last answer
 */
export async function eventually<T>(
  what: string,
  read: () => Promise<T> | T,
  holds: (value: T) => boolean,
): Promise<T> {
  const end = performance.now() + limit;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (performance.now() > end) {
      const last = (JSON.stringify(value) ?? 'nothing').slice(0, 500);
      throw new Error(`Waited for ${what} for ${limit / 1000} s in vain; the last answer was ${last}.`);
    }
    await sleep(25);
  }
}
