export { SmartScopesModule } from './scopes/smart-scopes.module.js';
export { SmartLaunchModule } from './launch/smart-launch.module.js';
export { RepositoryDirectory } from './launch/repository-directory.js';
export { SmartRolesModule } from './roles/smart-roles.module.js';
