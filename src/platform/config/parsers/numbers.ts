import { invalidSetting } from '../invalid-setting.js';

export function integer(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < minimum || value > maximum) {
      throw invalidSetting(`must be a whole number from ${minimum} to ${maximum}`);
    }
    return value;
  };
}

/** More is no limit, and would not be counted exactly. */
const mostBytes = 2 ** 40;

/** Bytes: a number, or a number with KiB, MiB or GiB. */
export function byteSize(text: string): number {
  const match = /^(\d{1,9})\s*(KiB|MiB|GiB)?$/.exec(text);
  if (match?.[1] === undefined) throw invalidSetting('must be a size such as 64MiB');
  const factor = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }[match[2] ?? ''] ?? 1;
  const size = Number(match[1]) * factor;
  if (size < 1 || size > mostBytes) throw invalidSetting('must be a size from 1 byte to 1024GiB');
  return size;
}
