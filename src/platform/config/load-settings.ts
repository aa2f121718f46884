import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { FirekeepError } from '../errors/index.js';
import { settingDefinitions, type SettingKey, type SettingValues } from './setting-definitions.js';
import { Settings } from './settings.js';

const prefix = 'FIREKEEP_';
const keys = Object.keys(settingDefinitions) as SettingKey[];
const keyOfEnvironmentName = new Map<string, SettingKey>(
  keys.map((key) => [settingDefinitions[key].env, key]),
);

type Environment = Readonly<Record<string, string | undefined>>;

/** Names that Kubernetes injects for a service called firekeep, and those of the test set-up. */
function isForeign(name: string, value: string): boolean {
  return (
    name.startsWith('FIREKEEP_TEST_') ||
    /_SERVICE_(HOST|PORT)(_[A-Z0-9_]+)?$/.test(name) ||
    /_PORT_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?$/.test(name) ||
    (name.endsWith('_PORT') && /^(tcp|udp):\/\//.test(value))
  );
}

function parseSetting(key: SettingKey, text: string, from: string): unknown {
  try {
    return settingDefinitions[key].parse(text);
  } catch (error) {
    const problem = error instanceof FirekeepError ? error.message : 'is not valid';
    throw new FirekeepError('invalid', 'CONFIG_INVALID_VALUE', `${from} ${problem}.`);
  }
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

function fromEnvironment(environment: Environment): Partial<Record<SettingKey, unknown>> {
  const values: Partial<Record<SettingKey, unknown>> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith(prefix) || value === undefined || isForeign(name, value)) continue;
    const fileKey = name.endsWith('_FILE')
      ? keyOfEnvironmentName.get(name.slice(0, -'_FILE'.length))
      : undefined;
    const key = keyOfEnvironmentName.get(name) ?? fileKey;
    if (key === undefined) {
      const close = nearest(name, [...keyOfEnvironmentName.keys()]);
      throw new FirekeepError(
        'invalid',
        'CONFIG_UNKNOWN_SETTING',
        `Unknown setting ${name}. Did you mean ${close}? The README lists every setting.`,
      );
    }
    if (keyOfEnvironmentName.has(name)) {
      values[key] = parseSetting(key, value, name);
      continue;
    }
    const direct = settingDefinitions[key].env;
    if (environment[direct] !== undefined) {
      throw new FirekeepError(
        'invalid',
        'CONFIG_INVALID_VALUE',
        `${direct} and ${name} are both set: keep one.`,
      );
    }
    values[key] = parseSetting(key, readSettingFile(name, value), name);
  }
  return values;
}

function readSettingFile(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch {
    throw new FirekeepError(
      'invalid',
      'CONFIG_UNREADABLE_FILE',
      `${name} names ${path}, which can't be read.`,
    );
  }
}

function fromYaml(path: string): Partial<Record<SettingKey, unknown>> {
  if (!existsSync(path)) return {};
  const document: unknown = parseYaml(readFileSync(path, 'utf8')) ?? {};
  if (typeof document !== 'object' || Array.isArray(document)) {
    throw new FirekeepError('invalid', 'CONFIG_INVALID_FILE', `${path} must hold a mapping of settings.`);
  }
  const values: Partial<Record<SettingKey, unknown>> = {};
  for (const [name, value] of Object.entries(document as Record<string, unknown>)) {
    const key = keys.find((candidate) => candidate === name);
    if (key === undefined) {
      const close = nearest(name, keys);
      throw new FirekeepError(
        'invalid',
        'CONFIG_UNKNOWN_SETTING',
        `${path}: unknown setting ${name}. Did you mean ${close}? The README lists every setting.`,
      );
    }
    if (value === null || value === undefined) continue;
    const text = Array.isArray(value) ? value.join(',') : scalarText(value, `${path}: ${name}`);
    values[key] = parseSetting(key, text, `${path}: ${name}`);
  }
  return values;
}

function scalarText(value: unknown, from: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new FirekeepError('invalid', 'CONFIG_INVALID_VALUE', `${from} must be text, a number or a list.`);
}

/**
 * Reads and validates all settings.
 *
 * @throws FirekeepError `CONFIG_…` with one clear line for the first thing that is wrong.
 */
export function loadSettings(environment: Environment = process.env, directory = 'config'): Settings {
  const yaml = {
    ...fromYaml(join(directory, 'default.yaml')),
    ...(environment.NODE_ENV === 'production' ? fromYaml(join(directory, 'production.yaml')) : {}),
  };
  const values = { ...Settings.of().values, ...yaml, ...fromEnvironment(environment) };
  return new Settings(values as unknown as SettingValues);
}
