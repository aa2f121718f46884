import type { Interaction } from './interaction.js';
import type { Principal } from './principal.js';

export interface AccessRequest {
  readonly principal: Principal;
  readonly interaction: Interaction;
  /** Null: system level. */
  readonly resourceType: string | null;
  readonly id?: string;
  /** The interaction searches first (conditional forms): needs `s` too. */
  readonly conditional?: boolean;
  /** Name of the operation, `$everything`, where interaction is `operation`. */
  readonly operation?: string;
}

export type Criterion =
  | {
      readonly compartment: { readonly type: string; readonly id: string };
      /** Of the compartment of a Patient: what is written may name other patients beside this one. */
      readonly namesOthers?: boolean;
    }
  /**
   * FHIR search criteria without the type: `category=laboratory&status=final`. `client`: the client's own words, which
   * look no further through chains and `_has` than the roles of the user.
   */
  | { readonly query: string; readonly by?: 'client' }
  /** Patients who name the user in one of these ways, and what is in their compartments. */
  | {
      readonly patientsOf: { readonly type: string; readonly id: string };
      readonly by: readonly PatientRelation[];
      readonly namesOthers?: boolean;
    }
  /** What is written makes nobody a participant of a patient who was not one before; says nothing of what is read. */
  | { readonly participants: 'kept' };

/** A user is a participant of a CareTeam, or of an Encounter, of the patient, while it is open. */
export type PatientRelation = 'careteam' | 'encounter';

export interface AccessConstraint {
  /** `*`: every type. */
  readonly resourceType: string;
  readonly interactions: ReadonlySet<Interaction>;
  readonly allOf: readonly Criterion[];
  readonly noneOf: readonly Criterion[];
}

export type AccessDecision =
  /** The union of the constraints; an empty list permits nothing. */
  { readonly kind: 'permit'; readonly constraints: readonly AccessConstraint[] } | AccessDenial;

export interface AccessDenial {
  readonly kind: 'deny';
  readonly check: string;
  readonly reason: string;
  /** The least scope that would do, where a scope is what is missing. */
  readonly scope?: string;
}

/** Decides what a principal may do; filled by `smart`, asked by the guard and, per entry, by batch and transaction. */
export interface AccessPolicy {
  /** Changes whenever a decision may: what was worked out from earlier ones is then worked out anew. */
  readonly revision: number;
  decide(request: AccessRequest): AccessDecision;
}

/** Injection token of the AccessPolicy. */
export const ACCESS_POLICY = Symbol('AccessPolicy');

/** Why something behind the gate is denied; the last three where it is for another reason than a scope or role. */
export type BehindTheGate = Pick<AccessDenial, 'check' | 'reason' | 'scope'> & {
  readonly expected?: string;
  readonly remedy?: string;
  readonly setting?: string;
};

/**
 * Remembers what is denied behind the gate: an entry of a Bundle, an operation, what a write would make of a resource.
 * Filled by `access`, asked by `fhir`, which must not import it.
 */
export interface DeniedRequests {
  /**
   * @param request whose principal came through the gate
   * @returns the reference id under which an administrator finds the reason; undefined: it came another way
   */
  record(request: AccessRequest, denial: BehindTheGate): string | undefined;
}

/** Injection token of DeniedRequests. */
export const DENIED_REQUESTS = Symbol('DeniedRequests');
