import { join } from 'node:path';
import { refuseDatabaseLeftBehind } from './default-database.js';
import { environmentSettings, type Environment } from './environment-settings.js';
import { extensionValues } from './extension-values.js';
import type { SettingValues } from './setting-definitions.js';
import { Settings } from './settings.js';
import { settingsFile } from './settings-file.js';

/**
 * Reads and validates all settings.
 *
 * @param directory of the settings files
 * @param workingDirectory where a database may lie that an earlier default has left
 * @throws FirekeepError `CONFIG_…` with one clear line for the first thing that is wrong.
 */
export function loadSettings(
  environment: Environment = process.env,
  directory = 'config',
  workingDirectory = process.cwd(),
): Settings {
  const names = ['default.yaml', ...(environment.NODE_ENV === 'production' ? ['production.yaml'] : [])];
  const files = names.map((name) => join(directory, name));
  const given = Object.assign(
    {},
    ...files.map(settingsFile),
    environmentSettings(environment),
  ) as Partial<SettingValues>;
  const settings = Settings.of(given, extensionValues(environment, files));
  if (given.databaseUrl === undefined)
    refuseDatabaseLeftBehind(settings.get('dataDirectory'), workingDirectory);
  return settings;
}
