import type { AsyncLocalStorage } from 'node:async_hooks';
import type { KoaContextWithOIDC } from 'oidc-provider';
// @ts-expect-error -- the engine's own file, which has no types
import untyped from 'oidc-provider/lib/helpers/als.js';

const storage = untyped as AsyncLocalStorage<unknown>;
const run: (context: unknown, work: () => Promise<unknown>) => Promise<unknown> = storage.run.bind(storage);

/** What asks for no context while it works, and is asked for often. */
const withoutContext: ReadonlySet<string> = new Set(['/token']);
let underWay = 0;

/**
 * The engine keeps the context of each request in an AsyncLocalStorage. Node.js 20 tracks every promise of the process
 * from the first use of one until it is disabled, a quarter of the time of a read of FHIR and a sixth of that of a token;
 * so it is disabled whenever no request that needs it is under way, and tokens are given out without.
 */
async function runInContext(context: KoaContextWithOIDC, work: () => Promise<unknown>): Promise<unknown> {
  if (withoutContext.has(context.path)) return work();
  underWay += 1;
  try {
    return await run(context, work);
  } finally {
    underWay -= 1;
    if (underWay === 0) storage.disable();
  }
}

Object.assign(storage, { run: runInContext });
