import type { AccessRequest, Criterion, Principal } from '../../contract/index.js';
import type { RoleCatalog, RoleRule } from '../../users/index.js';
import { eventType } from './audit-events.js';
import { covers } from './interaction-rights.js';

/** One of the ways in which a principal may have a right: criteria that must all hold; none: on everything. */
export type Reach = readonly Criterion[];

/** The rules of defined roles. */
export type DefinedRules = Pick<RoleCatalog, 'rulesOf' | 'revision'>;

const localReference =
  /^(Patient|Practitioner|PractitionerRole|RelatedPerson|Person)\/([A-Za-z0-9\-.]{1,64})$/;

/** What the user's roles reach, each by itself. Of the audit's events a patient has those that a scope names. */
export function reachOfRoles(
  request: AccessRequest,
  isAudit: boolean,
  catalog: DefinedRules,
): readonly Reach[] {
  const { roles, fhirUser, scopes } = request.principal;
  if (roles.includes(isAudit ? 'auditor' : 'practitioner')) return [[]];
  const self = ownResource(fhirUser);
  const isPatient = roles.includes('patient') && !(isAudit && scopes === null);
  const kept = keptParticipants(request);
  const ownRecord: Reach[] = isPatient && self?.type === 'Patient' ? [[{ compartment: self }, ...kept]] : [];
  return [...ownRecord, ...rulesFor(request, catalog).flatMap((rule) => reachOfRule(rule, self, kept))];
}

/** What keeps a write from assigning patients: docs/access.md. None: it is about nothing by which that is done. */
export function keptParticipants({ interaction, resourceType }: AccessRequest): readonly Criterion[] {
  const isRelating = resourceType === 'CareTeam' || resourceType === 'Encounter';
  const writes = interaction === 'create' || interaction === 'update' || interaction === 'patch';
  return isRelating && writes ? [{ participants: 'kept' }] : [];
}

/** Whether a rule covers the interaction and type, whatever it reaches for this user. */
export function rolesAllow(request: AccessRequest, catalog: DefinedRules): boolean {
  return rulesFor(request, catalog).length > 0;
}

/** Rules of defined roles about the interaction and type. `*` doesn't mean the audit's events. */
function rulesFor(
  { principal: { roles }, interaction, resourceType }: AccessRequest,
  catalog: DefinedRules,
): readonly RoleRule[] {
  return roles
    .flatMap((role) => catalog.rulesOf(role))
    .filter(({ types, interactions }) => {
      const rights = {
        create: interactions.includes('c'),
        read: interactions.includes('r'),
        update: interactions.includes('u'),
        delete: interactions.includes('d'),
        search: interactions.includes('s'),
      };
      return types.some(
        (type) =>
          (type !== '*' || resourceType !== eventType) &&
          covers({ ...rights, resourceType: type }, interaction, resourceType),
      );
    });
}

/** None: it is about the user's own resource, and there is none that it could be about. */
function reachOfRule(
  { criteria, compartment, ownPatients, namesOthers, assigns }: RoleRule,
  self: ReturnType<typeof ownResource>,
  kept: readonly Criterion[],
): readonly Reach[] {
  const reach: Criterion[] = criteria === undefined ? [] : [{ query: criteria }];
  const naming = namesOthers === true ? { namesOthers } : {};
  if (compartment !== undefined) {
    if (self?.type !== compartment) return [];
    reach.push({ compartment: self, ...naming });
  }
  if (ownPatients !== undefined) {
    if (self === undefined) return [];
    reach.push({ patientsOf: self, by: ownPatients, ...naming });
  }
  return [assigns === true ? reach : [...reach, ...kept]];
}

/** The resource of this repository that the user is linked to; undefined: none. */
function ownResource(
  fhirUser: Principal['fhirUser'],
): { readonly type: string; readonly id: string } | undefined {
  const [, type, id] = localReference.exec(fhirUser ?? '') ?? [];
  return type === undefined || id === undefined ? undefined : { type, id };
}
