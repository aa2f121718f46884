import { base } from '../../jest.config.mjs';

/** What Stryker runs: `stryker.config.mjs` says which specs. */
export default { ...base, rootDir: '../..', testTimeout: 60_000 };
