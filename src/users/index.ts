export { UsersModule } from './users.module.js';
export { UsersService } from './accounts/users.service.js';
export { PasswordAuthentication } from './authentication/password.authentication.js';
export { FirstAdministrator } from './accounts/first-administrator.js';
export { endUses, statementsOf, type Statements, type Uses } from './accounts/account-uses.js';
export { PasswordHasher } from './passwords/password-hasher.js';
export { GuessThrottle, network, type Attempt } from './authentication/guess-throttle.js';
export { kindOfName, reserveName } from './accounts/reserved-names.js';
export { isUsername } from './accounts/user.rules.js';
export type { User, UserChanges } from './accounts/user.js';
export { CredentialEntity, ReservedNameEntity, UserEntity } from './accounts/user.entity.js';
export type { RoleSource, SourceBounds, SourceUser, UserSource } from './sources/user-source.js';
export { UserSources } from './sources/user-sources.js';
export { UserSourcesModule } from './sources/user-sources.module.js';
export { RoleCatalog } from './roles/role-catalog.js';
export { RoleEntity } from './roles/role.entity.js';
export { isBuiltInRole, type RuleReader } from './roles/role.rules.js';
export { RolesService } from './roles/roles.service.js';
export {
  patientRelations,
  roles,
  type DefinedRole,
  type PatientRelation,
  type Role,
  type RoleChanges,
  type RoleInput,
  type RoleRule,
} from './roles/role.js';
