const { default: Sequencer } = require('@jest/test-sequencer');

const ofServers = new Set(['e2e', 'browser']);

/**
 * What starts servers waits most of the time: it is spread among the rest, and is through before the rest is. In each
 * of both the longest comes first, as far as earlier runs or sizes tell.
 */
class SpreadingSequencer extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const isOfServers = (test) => ofServers.has(test.context.config.displayName?.name);
    const servers = sorted.filter(isOfServers);
    const others = sorted.filter((test) => !isOfServers(test));
    const placed = [
      ...servers.map((test, n) => ({ test, at: (0.8 * n) / servers.length })),
      ...others.map((test, n) => ({ test, at: n / others.length })),
    ];
    return placed.sort((one, other) => one.at - other.at).map(({ test }) => test);
  }
}

module.exports = SpreadingSequencer;
