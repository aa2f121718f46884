import type { AsyncLocalStorage } from 'node:async_hooks';
// @ts-expect-error -- the engine's own file, which has no types
import untyped from 'oidc-provider/lib/helpers/als.js';

const storage = untyped as AsyncLocalStorage<unknown>;

let underWay = 0;

/**
 * Runs a request of the engine, which keeps its context in an AsyncLocalStorage. Node.js 20 tracks every promise of the
 * process from the first use of one until it is disabled, a quarter of the time of a read of FHIR; so it is, whenever
 * no request of the engine is under way.
 */
export async function withEngineContext<T>(request: () => Promise<T>): Promise<T> {
  underWay += 1;
  try {
    return await request();
  } finally {
    underWay -= 1;
    if (underWay === 0) storage.disable();
  }
}
