import type { StepBudget } from '../../budgets/index.js';
import type { Definitions, ValueSetExpansion } from '../../definitions/index.js';
import type { JsonObject } from '../json-object.js';
import type { Findings } from './findings.js';
import type { Profile } from './profile.js';

/** Where the profiles and value sets that a profile names are found; everything is at hand, nothing is waited for. */
export interface ProfileSource {
  /** By canonical, with or without version; undefined: not known. */
  profile(canonical: string): Profile | undefined;
  /** A sentence on why there is none. */
  valueSet(canonical: string): ValueSetExpansion | string;
}

/** What the checks of one resource share. */
export interface ProfileWorld {
  readonly definitions: Definitions;
  readonly source: ProfileSource;
  readonly findings: Findings;
  /** What is left of the steps that the check may take. */
  readonly steps: StepBudget;
  readonly resource: JsonObject;
  /** Profiles around the one at hand, so that one which contains itself ends. */
  readonly depth: number;
}

export const baseProfiles = 'http://hl7.org/fhir/StructureDefinition/';

/** The type of FHIR R4 that a canonical stands for; undefined: it is no type but a profile. */
export function baseTypeOf(definitions: Definitions, canonical: string): string | undefined {
  const [url = '', version] = canonical.split('|');
  if (version !== undefined && version !== definitions.fhirVersion) return undefined;
  const name = url.startsWith(baseProfiles) ? url.slice(baseProfiles.length) : '';
  const type = definitions.type(name);
  return type === undefined || type.kind === 'backbone' ? undefined : name;
}
