/** For whom and for what an app is let in. */
export interface LaunchUser {
  readonly username: string;
  readonly clientId: string;
  /** Base URL that the access is for. */
  readonly audience: string;
}

/** How the patient in context of a user's launch is found. */
export type PatientChoice =
  /** The user is a patient, and works with the own record. */
  | { readonly kind: 'own'; readonly patient: string }
  /** The user picks one of those that they may see. */
  | { readonly kind: 'search' }
  /** The user may see no patient. */
  | { readonly kind: 'denied' }
  /** The records aren't here: of a resource server elsewhere. */
  | { readonly kind: 'elsewhere' };

/** What a person knows a patient by. */
export interface PatientDetails {
  readonly id: string;
  readonly name: string;
  /** As FHIR writes it, perhaps without day or month; undefined: not known. */
  readonly birthDate: string | undefined;
  readonly gender: string | undefined;
  readonly identifiers: readonly string[];
}

/** What a person knows an encounter by. */
export interface EncounterDetails {
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly start: string | undefined;
  readonly end: string | undefined;
  readonly place: string | undefined;
}

export interface PatientCriteria {
  /** Words, each the beginning of a name. */
  readonly name?: string;
  /** `1974`, `1974-12` or `1974-12-25` */
  readonly birthDate?: string;
  /** The value, or `system|value`. */
  readonly identifier?: string;
}

/** A page of a list, with the token of the next page where there is one. */
export interface Choices<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/**
 * The patients that a user may see, and their encounters. Filled by `smart` from the repository, with the rights of
 * the user; asked by the pages between an authorization request and its answer.
 */
export interface LaunchDirectory {
  choiceOf(user: LaunchUser): Promise<PatientChoice>;
  /** Empty where the records are elsewhere, as all below. @param page token of an earlier answer to the same criteria */
  findPatients(user: LaunchUser, criteria: PatientCriteria, page?: string): Promise<Choices<PatientDetails>>;
  /** Undefined: there is none, or none that the user may see. */
  patient(user: LaunchUser, id: string): Promise<PatientDetails | undefined>;
  findEncounters(user: LaunchUser, patient: string, page?: string): Promise<Choices<EncounterDetails>>;
  /** Undefined: there is none of this patient, or none that the user may see. */
  encounter(user: LaunchUser, patient: string, id: string): Promise<EncounterDetails | undefined>;
}

/** Injection token of the LaunchDirectory. */
export const LAUNCH_DIRECTORY = Symbol('LaunchDirectory');
