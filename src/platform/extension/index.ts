export {
  defineExtension,
  definitionOf,
  FirekeepExtension,
  type ExtensionDefinition,
} from './extension-definition.js';
export {
  ExtensionDatabase,
  type ExtensionTables,
  type TableSession,
  type WriteOptions,
} from './extension-database.js';
export type {
  ColumnDeclaration,
  ExtensionMigration,
  TableChanges,
  TableDeclaration,
} from './extension-migration.js';
export { ExtensionSettings, type SettingsOf } from './extension-settings.js';
export { migrateExtensions } from './migrate-extensions.js';
export type {
  ExtensionSetting,
  ExtensionSettingDeclarations,
  ExtensionSettingValues,
} from './setting-declaration.js';
export { StartedExtensions } from './started-extensions.js';
export { TimeIsOver, withinTime } from './within-time.js';
