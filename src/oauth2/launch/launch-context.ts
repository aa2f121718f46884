/**
 * What an app is told of where it was launched, by the names of the token response.
 * https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#launch-context-arrives-with-your-access_token
 */
export interface LaunchContext {
  /** Id of the patient in context: `patient/` scopes reach this compartment. */
  readonly patient?: string;
  /** Id. */
  readonly encounter?: string;
  readonly fhirContext?: readonly FhirContextItem[];
  /** What the app shall do first, by a name that it knows. */
  readonly intent?: string;
  readonly need_patient_banner?: boolean;
  readonly smart_style_url?: string;
  readonly tenant?: string;
}

/** A further resource in context: at least one of `reference`, `canonical` and `identifier`. */
export interface FhirContextItem {
  readonly reference?: string;
  readonly canonical?: string;
  readonly identifier?: Readonly<Record<string, unknown>>;
  readonly type?: string;
  readonly role?: string;
}

const members = [
  'patient',
  'encounter',
  'fhirContext',
  'intent',
  'need_patient_banner',
  'smart_style_url',
  'tenant',
] as const satisfies readonly (keyof LaunchContext)[];

/** The members of a launch context among those of another object; nothing else comes along. */
export function launchContextOf(object: Readonly<Record<string, unknown>>): LaunchContext {
  const present = members.filter((name) => object[name] !== undefined);
  return Object.fromEntries(present.map((name) => [name, object[name]]));
}

/** Of a FHIR resource. */
export const resourceId = /^[A-Za-z0-9\-.]{1,64}$/;
