// Two ways measured in turn, so that what else the machine does meanwhile falls on both.

export const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;

/**
 * @param {Record<string, (seconds: number) => Promise<{ perSecond: number, cpu: number }>>} ways
 * @returns {Promise<Record<string, { perSecond: number, cpu: number }>>} the median of the rounds of each
 */
export async function inTurn(ways, rounds, seconds) {
  const seen = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (const measure of Object.values(ways)) await measure(Math.max(1, seconds / 2));
  for (let round = 0; round < rounds; round += 1) {
    const names = round % 2 === 0 ? Object.keys(ways) : Object.keys(ways).reverse();
    for (const name of names) seen[name].push(await ways[name](seconds));
  }
  return Object.fromEntries(
    Object.entries(seen).map(([name, all]) => [
      name,
      { perSecond: median(all.map((one) => one.perSecond)), cpu: median(all.map((one) => one.cpu)) },
    ]),
  );
}
