import { FirekeepError } from '../errors/index.js';
import { readSettingFile, type RawExtensionSettings } from '../config/index.js';
import type { ExtensionDefinition } from './extension-definition.js';
import { invalidExtension } from './extension-error.js';
import type { ExtensionSetting } from './setting-declaration.js';
import { readSettingText } from './setting-text.js';

/** A setting of an extension and what is in force. */
export interface ReadExtensionSetting {
  readonly extension: string;
  /** As declared. */
  readonly key: string;
  /** `FIREKEEP_X_CLINIC_WARD` */
  readonly env: string;
  readonly declaration: ExtensionSetting;
  readonly value: string | number | boolean | readonly string[] | undefined;
}

type Declared = Omit<ReadExtensionSetting, 'value'>;

interface Given {
  readonly text: string;
  /** Where it stands, for messages. */
  readonly from: string;
}

/**
 * The settings of all extensions: environment over files over defaults.
 *
 * @throws FirekeepError `CONFIG_…` with one line for the first thing that is wrong; `EXTENSION_INVALID` for a declaration
 */
export function readExtensionSettings(
  extensions: readonly ExtensionDefinition[],
  raw: RawExtensionSettings,
): readonly ReadExtensionSetting[] {
  const declared = extensions.flatMap(declaredBy);
  const given = new Map<string, Given>();
  for (const { extension, key, text, from } of raw.files) {
    const setting = declared.find((one) => one.extension === extension && one.key === key);
    if (setting === undefined) throw unknown(from, declared);
    given.set(setting.env, { text, from });
  }
  for (const [env, one] of fromEnvironment(declared, raw.environment)) given.set(env, one);
  return declared.map((setting) => ({ ...setting, value: valueOf(setting, given.get(setting.env)) }));
}

function declaredBy({ name, settings = {} }: ExtensionDefinition): Declared[] {
  return Object.entries(settings).map(([key, declaration]) => {
    if (!/^[a-z][A-Za-z0-9]{0,39}$/.test(key)) {
      throw invalidExtension(name, `has a setting "${key}", which is not written in camel case`);
    }
    const words = key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
    return { extension: name, key, env: `FIREKEEP_X_${name.toUpperCase()}_${words}`, declaration };
  });
}

function fromEnvironment(
  declared: readonly Declared[],
  environment: RawExtensionSettings['environment'],
): Map<string, Given> {
  const names = new Set(declared.map(({ env }) => env));
  const given = new Map<string, Given>();
  for (const [name, text] of Object.entries(environment)) {
    if (names.has(name)) {
      given.set(name, { text, from: name });
      continue;
    }
    const direct = name.endsWith('_FILE') ? name.slice(0, -'_FILE'.length) : undefined;
    if (direct === undefined || !names.has(direct)) throw unknown(name, declared);
    if (environment[direct] !== undefined) throw invalid(`${direct} and ${name} are both set: keep one.`);
    given.set(direct, { text: readSettingFile(name, text), from: name });
  }
  return given;
}

function valueOf({ env, declaration }: Declared, given: Given | undefined): ReadExtensionSetting['value'] {
  if (given === undefined) {
    if (declaration.required !== true || declaration.default !== undefined) return declaration.default;
    throw invalid(`${env} must be set: ${declaration.description}`);
  }
  const read = readSettingText(declaration, given.text);
  if ('problem' in read) throw invalid(`${given.from} ${read.problem}.`);
  return read.value;
}

function unknown(name: string, declared: readonly Declared[]): FirekeepError {
  const known = declared.map(({ env }) => env);
  return new FirekeepError(
    'invalid',
    'CONFIG_UNKNOWN_SETTING',
    `Unknown setting ${name} of an extension. ` +
      (known.length === 0 ? 'No extension with settings is started.' : `There are ${known.join(', ')}.`),
  );
}

function invalid(message: string): FirekeepError {
  return new FirekeepError('invalid', 'CONFIG_INVALID_VALUE', message);
}
