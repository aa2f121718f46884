import { FirekeepError } from '../errors/index.js';
import { isForeign, type Environment } from './environment-settings.js';
import { isBlank } from './known-settings.js';
import { extensionsMember, isOfExtension, type RawExtensionSettings } from './raw-extension-settings.js';
import { mappingIn, memberText } from './settings-file.js';

/**
 * What stands in environment and files for extensions. An empty value is none.
 *
 * @param files the ones that exist count, later ones over earlier ones
 * @throws FirekeepError `CONFIG_INVALID_FILE`, `CONFIG_INVALID_VALUE`
 */
export function extensionValues(environment: Environment, files: readonly string[]): RawExtensionSettings {
  const given = Object.entries(environment).filter((entry): entry is [string, string] => {
    const [name, value] = entry;
    return value !== undefined && isOfExtension(name) && !isBlank(value) && !isForeign(name, value);
  });
  return { environment: Object.fromEntries(given), files: files.flatMap(ofFile) };
}

function ofFile(path: string): RawExtensionSettings['files'] {
  const place = `${path}: ${extensionsMember}`;
  return entriesOf(mappingIn(path)[extensionsMember], place).flatMap(([extension, settings]) =>
    entriesOf(settings, `${place}.${extension}`)
      .map(([key, value]) => {
        const from = `${place}.${extension}.${key}`;
        return { extension, key, text: memberText(value, from), from };
      })
      .filter(({ text }) => !isBlank(text)),
  );
}

function entriesOf(value: unknown, from: string): [string, unknown][] {
  if (value === undefined || value === null) return [];
  if (typeof value === 'object' && !Array.isArray(value)) return Object.entries(value);
  throw new FirekeepError('invalid', 'CONFIG_INVALID_FILE', `${from} must be a mapping of settings.`);
}
