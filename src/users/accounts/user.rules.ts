import { FieldErrors } from '../../platform/errors/index.js';
import { roles } from '../roles/role.js';
import { isBuiltInRole, isRoleName } from '../roles/role.rules.js';
import type { UserChanges } from './user.js';

/** Of one user. */
export const mostRoles = 50;
const usernameShape = /^[A-Za-z0-9](?:[A-Za-z0-9._@+-]{0,62}[A-Za-z0-9_])?$/;
const fhirUserTypes = 'Patient|Practitioner|PractitionerRole|RelatedPerson|Person';
const fhirUserShape = new RegExp(`^(?:https?://[^\\s?#]{1,180}/)?(?:${fhirUserTypes})/[A-Za-z0-9.-]{1,64}$`);

/** ASCII letters, digits and `. _ @ + -`, at most 64; no `:`, which would end the name in HTTP Basic. */
export function isUsername(name: string): boolean {
  return usernameShape.test(name);
}

/** A reference to whom an account may stand for, relative or absolute. */
export function isFhirUser(reference: string): boolean {
  return fhirUserShape.test(reference);
}

/** @throws FirekeepError 400 `USERS_INVALID` with one issue a field. */
export function checkUser(fields: UserChanges & { readonly username?: string }): void {
  const errors = new FieldErrors();
  if (fields.username !== undefined) {
    errors.when(
      !isUsername(fields.username),
      'username',
      'Use 1 to 64 ASCII letters, digits and . _ @ + -, beginning and ending with a letter or digit.',
    );
  }
  for (const role of fields.roles ?? []) {
    errors.when(
      !isBuiltInRole(role) && !isRoleName(role),
      'roles',
      `A role is one of ${roles.join(', ')}, or the name of one that is defined.`,
    );
  }
  errors.when((fields.roles?.length ?? 0) > mostRoles, 'roles', `A user has at most ${mostRoles} roles.`);
  errors.when(
    new Set(fields.roles).size !== (fields.roles?.length ?? 0),
    'roles',
    'A role can be given once.',
  );
  errors.when(
    typeof fields.fhirUser === 'string' && !isFhirUser(fields.fhirUser),
    'fhirUser',
    'Use a reference such as Practitioner/alice: Patient, Practitioner, PractitionerRole, RelatedPerson or Person, with an id.',
  );
  errors.throwIfAny('USERS_INVALID');
}
