import { invalidSetting } from '../invalid-setting.js';

/**
 * Values by commas.
 *
 * @param nothing the word for an empty list, which no list without members means
 */
export function list(nothing: string): (text: string) => readonly string[] {
  return (text) => {
    if (text.trim() === nothing) return [];
    const members = text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    if (members.length === 0) throw invalidSetting(`must have a value between its commas, or be ${nothing}`);
    return members;
  };
}

/** Some of these words. */
export function someOf<T extends string>(
  nothing: string,
  ...values: readonly T[]
): (text: string) => readonly T[] {
  const read = list(nothing);
  return (text) =>
    read(text).map((member) => {
      const found = values.find((value) => value === member);
      if (found === undefined) {
        throw invalidSetting(`must be one of ${values.join(', ')}, several by commas, or ${nothing} alone`);
      }
      return found;
    });
}

/** A list of which each member is read by itself. */
export function listOf<T>(nothing: string, member: (text: string) => T): (text: string) => readonly T[] {
  const read = list(nothing);
  return (text) => read(text).map(member);
}
