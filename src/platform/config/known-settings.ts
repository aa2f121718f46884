import { FirekeepError } from '../errors/index.js';
import { settingDefinitions, type SettingKey } from './setting-definitions.js';

/** Values that one source gives; what it leaves out is for the next one to say. */
export type GivenValues = Partial<Record<SettingKey, unknown>>;

export const settingKeys = Object.keys(settingDefinitions) as SettingKey[];

/** Empty, or nothing but white space: as if it were not there. */
export function isBlank(text: string): boolean {
  return text.trim() === '';
}

/**
 * @param from what the value stands in, for the message
 * @throws FirekeepError `CONFIG_INVALID_VALUE`
 */
export function parseSetting(key: SettingKey, text: string, from: string): unknown {
  try {
    return settingDefinitions[key].parse(text);
  } catch (error) {
    const problem = error instanceof FirekeepError ? error.message : 'is not valid';
    throw new FirekeepError('invalid', 'CONFIG_INVALID_VALUE', `${from} ${problem}.`);
  }
}

/** @param place the file it stands in, with a colon; empty for the environment */
export function unknownSetting(place: string, name: string, names: readonly string[]): FirekeepError {
  return new FirekeepError(
    'invalid',
    'CONFIG_UNKNOWN_SETTING',
    `${place === '' ? 'Unknown' : `${place} unknown`} setting ${name}. Did you mean ${nearest(name, names)}? The README lists every setting.`,
  );
}

function nearest(name: string, names: readonly string[]): string {
  const score = (candidate: string): number => {
    const parts = new Set(candidate.toLowerCase().split(/[_.]/));
    return name
      .toLowerCase()
      .split(/[_.]/)
      .filter((part) => parts.has(part)).length;
  };
  return names.reduce(
    (best, candidate) => (score(candidate) > score(best) ? candidate : best),
    names[0] ?? '',
  );
}

/** What an error of the file system is called, such as ENOENT. */
export function reasonOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
}
