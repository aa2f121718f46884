import { readDataFile } from './data-files.js';

/** The profiles and extensions that FHIR R4 itself publishes. */
export interface PublishedProfiles {
  /** A StructureDefinition whose snapshot has what it asks for beyond the definition of its type; undefined: no such profile. */
  profile(url: string): Readonly<Record<string, unknown>> | undefined;
}

let loaded: PublishedProfiles | undefined;

/** Read at the first call and kept. */
export function loadProfiles(): PublishedProfiles {
  return (loaded ??= build());
}

function build(): PublishedProfiles {
  const byUrl = new Map(Object.entries(readDataFile('profiles')));
  return { profile: (url) => byUrl.get(url) };
}
