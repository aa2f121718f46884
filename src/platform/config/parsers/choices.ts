import { invalidSetting } from '../invalid-setting.js';

export function oneOf<T extends string>(...values: readonly T[]): (text: string) => T {
  return (text) => {
    const found = values.find((value) => value === text);
    if (found === undefined) throw invalidSetting(`must be one of ${values.join(', ')}`);
    return found;
  };
}

export function boolean(text: string): boolean {
  return oneOf('true', 'false')(text) === 'true';
}
