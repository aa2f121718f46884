export { environmentVariable } from './environment.js';
export { loadSettings } from './load-settings.js';
export { Settings } from './settings.js';
export { settingDefinitions } from './setting-definitions.js';
export type { AuditKind, SettingKey, SettingValues } from './setting-definitions.js';
