import type { ExtensionMigration } from './extension-migration.js';
import type { ExtensionSettingDeclarations } from './setting-declaration.js';

/** What an extension says of itself; `@FirekeepExtension` puts it on the extension's module. */
export interface ExtensionDefinition {
  /**
   * Letters and digits, a small letter first, 2 to 24: the prefix of its settings (`FIREKEEP_X_CLINIC_…`), its tables
   * (`x_clinic_…`), and of the names of its jobs and checks (`clinic.…`). It does not change any more.
   */
  readonly name: string;
  /** The versions of Firekeep that it is made for, as a range of npm: `^0.1.0`, `>=0.1 <0.3`. */
  readonly compatibility: string;
  /** Its own settings. */
  readonly settings?: ExtensionSettingDeclarations;
  /** How its own tables came about, the oldest first. One that has run is never changed any more. */
  readonly migrations?: readonly ExtensionMigration[];
}

/**
 * Keeps the types of a definition, so that its settings are typed where they are read.
 *
 * @example
 * export const clinic = defineExtension({
 *   name: 'clinic',
 *   compatibility: '^0.1.0',
 *   settings: { ward: { type: 'text', default: 'B2', description: 'Ward that visits are booked on.' } },
 * });
 */
export function defineExtension<const D extends ExtensionDefinition>(definition: D): D {
  return definition;
}

const definitionKey = 'firekeep:extension';

/**
 * Stands on the Nest module of an extension and says which one it is. Name and range of versions are checked, settings
 * read and migrations run before anything of the application is made.
 *
 * @example
 * @FirekeepExtension(clinic)
 * @Module({ imports: [FirekeepExtensionModule] })
 * export class ClinicModule {}
 */
export function FirekeepExtension(definition: ExtensionDefinition): ClassDecorator {
  return (target) => Reflect.defineMetadata(definitionKey, definition, target);
}

/** Undefined: the module is not marked. */
export function definitionOf(module: object): ExtensionDefinition | undefined {
  return Reflect.getOwnMetadata(definitionKey, module) as ExtensionDefinition | undefined;
}
