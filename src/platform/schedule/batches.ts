const mostBatches = 200;

/**
 * Removes rows a bounded number a transaction, so that nobody waits long for their locks.
 *
 * @param remove removes at most so many and says how many
 * @returns how many went
 */
export async function removeInBatches(
  size: number,
  remove: (limit: number) => Promise<number>,
  isStopped: () => boolean,
): Promise<number> {
  let removed = 0;
  for (let round = 0; round < mostBatches && !isStopped(); round += 1) {
    const count = await remove(size);
    removed += count;
    if (count < size) break;
  }
  return removed;
}
