/** Roles whose meaning is fixed; others are defined (`RolesService`). */
export const roles = ['admin', 'practitioner', 'patient', 'service', 'auditor'] as const;

export type Role = (typeof roles)[number];

/** Where a user is named as one who looks after a patient. */
export const patientRelations = ['careteam', 'encounter'] as const;

export type PatientRelation = (typeof patientRelations)[number];

/** What a role permits: everything that a rule says must hold, and one of the rules. */
export interface RoleRule {
  /** FHIR resource types; `*`: all but AuditEvent, which is named or not meant. */
  readonly types: readonly string[];
  /** The letters of SMART scopes: create, read, update, delete, search, in this order. */
  readonly interactions: string;
  /** FHIR search criteria without the type, `category=laboratory`, that a resource must match. */
  readonly criteria?: string;
  /** Resources in the compartment of the user's own resource (`fhirUser`), which must be of this type. */
  readonly compartment?: 'Patient' | 'Practitioner';
  /**
   * Patients whose CareTeam, or an Encounter of theirs, has the user's own resource (`fhirUser`) as participant while it is
   * open, and what is in their compartments.
   */
  readonly ownPatients?: readonly PatientRelation[];
  /** What is written by a rule about some patients may name others beside the one that it is about. */
  readonly namesOthers?: true;
  /** CareTeams and Encounters that are written may make patients somebody's own. */
  readonly assigns?: true;
}

/** A role beside the built-in ones. */
export interface DefinedRole {
  readonly name: string;
  readonly description: string;
  /** None: the role permits nothing. */
  readonly rules: RoleRule[];
  /** Counts up with every change; the ETag. */
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** As it comes from outside; what it has beyond the types is found out by `checkRole`. */
export interface RoleChanges {
  readonly description?: string;
  readonly rules?: readonly object[];
}

export interface RoleInput extends RoleChanges {
  readonly name: string;
}
