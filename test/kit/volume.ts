/** FIREKEEP_TEST_VOLUME: how many times as much random input as `npm test` tries, which is 1. */
const factor = readFactor(process.env.FIREKEEP_TEST_VOLUME?.trim() ?? '');

function readFactor(text: string): number {
  const value = text === '' ? 1 : Number(text);
  if (!(value > 0 && value <= 10_000)) {
    throw new Error(`FIREKEEP_TEST_VOLUME must be a number above 0 and up to 10000, and is ${text}.`);
  }
  return value;
}

/** @param runs how many inputs `npm test` tries: more than it took to find what was found by them */
export function volume(runs: number): number {
  return Math.max(1, Math.round(runs * factor));
}
