import { readDataFile } from './data-files.js';
import { terminology, type Terminology } from './terminology.js';

/** The profiles and extensions that FHIR R4 itself publishes. */
export interface PublishedProfiles {
  /** A StructureDefinition whose snapshot has what it asks for beyond the definition of its type; undefined: no such profile. */
  profile(url: string): Readonly<Record<string, unknown>> | undefined;
  /** Value sets that these profiles bind to; undefined: not one of them, or its codes are not listed. */
  readonly valueSet: Terminology['valueSet'];
}

let loaded: PublishedProfiles | undefined;

/** Read at the first call and kept. */
export function loadProfiles(): PublishedProfiles {
  return (loaded ??= build());
}

function build(): PublishedProfiles {
  const { profiles, valueSets } = readDataFile('profiles');
  const byUrl = new Map(Object.entries(profiles));
  const terms = terminology({ valueSets, caseInsensitive: [] });
  return { profile: (url) => byUrl.get(url), valueSet: (url) => terms.valueSet(url) };
}
