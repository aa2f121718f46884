export { environmentVariable } from './environment.js';
export { readSettingFile } from './environment-settings.js';
export { loadSettings } from './load-settings.js';
export { Settings } from './settings.js';
export { isRepositoryName } from './repository-name.js';
export { settingDefinitions } from './setting-definitions.js';
export type { AuditKind } from './audit-kinds.js';
export type { SettingKey, SettingValues } from './setting-definitions.js';
export { noExtensionSettings, type RawExtensionSettings } from './raw-extension-settings.js';
