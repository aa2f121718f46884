import { readFileSync } from 'node:fs';
import { FirekeepError } from '../errors/index.js';
import {
  isBlank,
  parseSetting,
  reasonOf,
  settingKeys,
  unknownSetting,
  type GivenValues,
} from './known-settings.js';
import { isOfExtension } from './raw-extension-settings.js';
import { settingDefinitions, type SettingKey } from './setting-definitions.js';

export type Environment = Readonly<Record<string, string | undefined>>;

const prefix = 'FIREKEEP_';
const keyOfName = new Map<string, SettingKey>(settingKeys.map((key) => [settingDefinitions[key].env, key]));

/**
 * What the variables of the environment give, and the files that `…_FILE` names. An empty variable is none.
 *
 * @throws FirekeepError `CONFIG_…` with one clear line for the first thing that is wrong.
 */
export function environmentSettings(environment: Environment): GivenValues {
  const values: GivenValues = {};
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith(prefix) || value === undefined || isBlank(value) || isForeign(name, value)) continue;
    if (isOfExtension(name)) continue;
    const ownKey = keyOfName.get(name);
    const key = ownKey ?? keyOfFileName(name);
    if (key === undefined) throw unknownSetting('', name, [...keyOfName.keys()]);
    if (ownKey === undefined) refuseBoth(settingDefinitions[key].env, name, environment);
    values[key] = parseSetting(key, ownKey === undefined ? readSettingFile(name, value) : value, name);
  }
  return values;
}

/** Names that Kubernetes injects for a service called firekeep, and those of the test set-up. */
export function isForeign(name: string, value: string): boolean {
  return (
    name.startsWith('FIREKEEP_TEST_') ||
    /_SERVICE_(HOST|PORT)(_[A-Z0-9_]+)?$/.test(name) ||
    /_PORT_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?$/.test(name) ||
    (name.endsWith('_PORT') && /^(tcp|udp):\/\//.test(value))
  );
}

function keyOfFileName(name: string): SettingKey | undefined {
  return name.endsWith('_FILE') ? keyOfName.get(name.slice(0, -'_FILE'.length)) : undefined;
}

function refuseBoth(direct: string, fileName: string, environment: Environment): void {
  if (isBlank(environment[direct] ?? '')) return;
  throw new FirekeepError(
    'invalid',
    'CONFIG_INVALID_VALUE',
    `${direct} and ${fileName} are both set: keep one.`,
  );
}

/**
 * A file that is named and holds nothing is a mistake: a password or a key would be made up in silence.
 *
 * @param name of the variable that names the file
 * @throws FirekeepError `CONFIG_UNREADABLE_FILE`, `CONFIG_INVALID_VALUE`
 */
export function readSettingFile(name: string, path: string): string {
  let content: string;
  try {
    content = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new FirekeepError(
      'invalid',
      'CONFIG_UNREADABLE_FILE',
      `${name} names ${path}, which can't be read (${reasonOf(error)}).`,
    );
  }
  if (isBlank(content)) {
    throw new FirekeepError('invalid', 'CONFIG_INVALID_VALUE', `${name} names ${path}, which is empty.`);
  }
  return content;
}
