export { UsersModule } from './users.module.js';
export { UsersService } from './users.service.js';
export { PasswordAuthentication } from './password.authentication.js';
export { FirstAdministrator } from './first-administrator.js';
export { endUses, type Uses } from './account-uses.js';
export { PasswordHasher } from './password-hasher.js';
export { GuessThrottle, network, type Attempt } from './guess-throttle.js';
export { kindOfName, reserveName } from './reserved-names.js';
export { isUsername } from './user.rules.js';
export { roles, type Role, type User, type UserChanges } from './user.js';
export { CredentialEntity, ReservedNameEntity, UserEntity } from './user.entity.js';
export { RoleCatalog } from './roles/role-catalog.js';
export { RoleEntity } from './roles/role.entity.js';
export { isBuiltInRole, type RuleReader } from './roles/role.rules.js';
export { RolesService } from './roles/roles.service.js';
export {
  patientRelations,
  type DefinedRole,
  type PatientRelation,
  type RoleChanges,
  type RoleInput,
  type RoleRule,
} from './roles/role.js';
