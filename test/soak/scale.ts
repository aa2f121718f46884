/** How long the tests under fire last: bounded seconds in `npm test`, minutes in `npm run test:soak`. */
const long = process.env.FIREKEEP_TEST_SOAK === 'long';

export const scale = {
  long,
  /** Rounds of the races that are over in an instant. */
  races: long ? 40 : 4,
  contentionMs: long ? 30_000 : 5_000,
  kills: long ? 20 : 3,
  outages: long ? 10 : 2,
  /** Longest time of one test. */
  timeout: long ? 900_000 : 300_000,
} as const;
