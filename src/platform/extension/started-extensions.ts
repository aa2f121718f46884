import { FirekeepError } from '../errors/index.js';
import type { RawExtensionSettings } from '../config/index.js';
import type { ExtensionDefinition } from './extension-definition.js';
import { invalidExtension } from './extension-error.js';
import { readExtensionSettings, type ReadExtensionSetting } from './read-extension-settings.js';
import { satisfies } from './version-range.js';

/** The extensions of this process that say what they are, with the values of their settings. */
export class StartedExtensions {
  static readonly none = new StartedExtensions([], []);

  private constructor(
    readonly definitions: readonly ExtensionDefinition[],
    /** Of all extensions, in the order of their declaration. */
    readonly settings: readonly ReadExtensionSetting[],
  ) {}

  /**
   * @param version of this program
   * @throws FirekeepError `EXTENSION_INVALID`, `EXTENSION_INCOMPATIBLE`, `CONFIG_…`
   */
  static of(
    definitions: readonly ExtensionDefinition[],
    version: string,
    raw: RawExtensionSettings,
  ): StartedExtensions {
    const names = new Set<string>();
    for (const definition of definitions) {
      const { name } = definition;
      if (!/^[a-z][a-z0-9]{1,23}$/.test(name)) {
        throw invalidExtension(name, 'needs a name of 2 to 24 small letters and digits, a letter first');
      }
      if (names.has(name)) throw invalidExtension(name, 'has the name of another one');
      names.add(name);
      requireCompatible(definition, version);
      requireMigrations(definition);
    }
    return new StartedExtensions(definitions, readExtensionSettings(definitions, raw));
  }

  /** @throws FirekeepError `EXTENSION_NOT_STARTED` */
  require(definition: ExtensionDefinition): void {
    if (this.definitions.includes(definition)) return;
    throw new FirekeepError(
      'internal',
      'EXTENSION_NOT_STARTED',
      `The extension "${definition.name}" is not started: put @FirekeepExtension with this definition on its module.`,
    );
  }
}

function requireCompatible({ name, compatibility }: ExtensionDefinition, version: string): void {
  const fits = satisfies(version, compatibility);
  if (fits === true) return;
  if (fits === undefined) {
    throw invalidExtension(name, `has a compatibility that is no range of versions: "${compatibility}"`);
  }
  throw new FirekeepError(
    'unavailable',
    'EXTENSION_INCOMPATIBLE',
    `The extension "${name}" is made for Firekeep ${compatibility}, and this is ${version}. ` +
      'Install a version of the extension that is made for this one.',
  );
}

function requireMigrations({ name, migrations = [] }: ExtensionDefinition): void {
  const names = new Set<string>();
  for (const migration of migrations) {
    if (!/^[a-z0-9][a-z0-9-]{0,79}$/.test(migration.name)) {
      throw invalidExtension(
        name,
        `has a migration "${migration.name}", whose name is none: small letters, digits and -`,
      );
    }
    if (names.has(migration.name)) throw invalidExtension(name, `has two migrations "${migration.name}"`);
    names.add(migration.name);
  }
}
