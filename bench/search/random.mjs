// A seeded source of random numbers: the same seed gives the same population on every machine.

/** @param {number} seed 32 bits @returns {() => number} numbers of [0, 1) */
export function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a generator asks of chance. */
export class Chance {
  constructor(seed) {
    this.next = randomOf(seed);
  }

  /** A whole number, both ends included. */
  between(low, high) {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  pick(list) {
    return list[Math.floor(this.next() * list.length)];
  }

  /** One of the list, its n-th element about n times as rare as its first. */
  skewed(list) {
    return list[Math.min(list.length - 1, Math.floor(list.length ** this.next()) - 1)];
  }

  happens(share) {
    return this.next() < share;
  }
}
