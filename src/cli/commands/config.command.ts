import { Command } from 'commander';
import { configuredExtensions } from '../../application/index.js';
import { loadSettings, settingDefinitions, type SettingKey } from '../../platform/config/index.js';
import { printRows, wantsJson } from '../terminal/output.js';

/** `firekeep config check`: reads every setting and says what is in force; secrets are not shown. */
export function configCommand(): Command {
  const config = new Command('config').description('settings: check');
  config
    .command('check')
    .description('validate the settings of environment and files, and show what is in force')
    .action(async (_options: unknown, command: Command) => {
      const settings = loadSettings();
      const isTable = !wantsJson(command);
      const shown = (value: unknown, nothing = 'none'): unknown =>
        isTable && Array.isArray(value) && value.length === 0 ? nothing : (value ?? '');
      const rows = (Object.keys(settingDefinitions) as SettingKey[]).map((key) => {
        const definition = settingDefinitions[key];
        const value = settings.get(key);
        const secret = 'secret' in definition;
        // The word that empties the list: that of the default where it is the empty one.
        const nothing =
          Array.isArray(definition.default) && definition.default.length === 0
            ? definition.defaultText
            : 'none';
        return {
          setting: definition.env,
          value: secret && value !== undefined ? '(set)' : shown(value, nothing),
        };
      });
      const { settings: ofExtensions } = await configuredExtensions(settings);
      const own = ofExtensions.map(({ env, declaration, value }) => ({
        setting: env,
        value: declaration.secret === true && value !== undefined ? '(set)' : shown(value),
      }));
      printRows(command, [...rows, ...own], ['setting', 'value']);
    });
  return config;
}
