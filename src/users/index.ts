export { UsersModule } from './users.module.js';
export { UsersService, type PageOfUsers } from './users.service.js';
export {
  PasswordAuthentication,
  type PasswordOrigin,
  type PasswordVerification,
} from './password.authentication.js';
export { FirstAdministrator, type NewAdministrator } from './first-administrator.js';
export { PasswordHasher } from './password-hasher.js';
export { GuessThrottle } from './guess-throttle.js';
export { kindOfName, reserveName } from './reserved-names.js';
export { isUsername } from './user.rules.js';
export { roles, type Role, type User, type UserChanges, type UserInput } from './user.js';
export { CredentialEntity, ReservedNameEntity, UserEntity } from './user.entity.js';
