const { join } = require('node:path');
const { LegacyFakeTimers, ModernFakeTimers } = require('@jest/fake-timers');
const { ModuleMocker } = require('jest-mock');

const kitOfDatabases = join(__dirname, '..', 'kit', 'databases.ts');

/** What jest-circus keeps among the globals, its event handlers above all, is of one spec. */
const symbols = [
  'JEST_STATE_SYMBOL',
  'EVENT_HANDLERS',
  'TEST_TIMEOUT_SYMBOL',
  'RETRY_TIMES',
  'RETRY_IMMEDIATELY',
  'WAIT_BEFORE_RETRY',
  'LOG_ERRORS_BEFORE_RETRY',
];
const timerConfig = {
  idToRef: (id) => ({ id, ref: () => undefined, unref: () => undefined }),
  refToId: (timer) => timer?.id,
};

/** Runs each spec among the globals of the process, where the modules that all specs share are (`shared-modules.cjs`). */
class SharedEnvironment {
  constructor({ projectConfig }) {
    this.global = globalThis;
    this.moduleMocker = new ModuleMocker(globalThis);
    this.fakeTimers = new LegacyFakeTimers({
      config: projectConfig,
      global: globalThis,
      moduleMocker: this.moduleMocker,
      timerConfig,
    });
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
    this.exit = process.exit;
    this.fetch = globalThis.fetch;
  }

  setup() {
    this.variables = { ...process.env };
    return Promise.resolve();
  }

  /** What a spec changed of the process is as it was before the next one. */
  async teardown() {
    this.moduleMocker.restoreAllMocks();
    this.fakeTimers.dispose();
    this.fakeTimersModern.dispose();
    for (const name of Object.keys(process.env)) if (!(name in this.variables)) delete process.env[name];
    Object.assign(process.env, this.variables);
    globalThis.fetch = this.fetch;
    process.exit = this.exit;
    for (const symbol of Object.getOwnPropertySymbols(globalThis)) {
      if (symbols.includes(symbol.description)) delete globalThis[symbol];
    }
    await require.cache[kitOfDatabases]?.exports.dropDatabases();
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return globalThis;
  }
}

module.exports = SharedEnvironment;
