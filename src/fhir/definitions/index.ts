/** The R4 definitions: types, search parameters, compartments, required value sets. Framework-free. */
export { FHIR_DEFINITIONS } from './definitions-token.js';
export { compartmentSelf, loadDefinitions } from './definitions.js';
export type { Definitions, InboundReference } from './definitions.js';
export { ExtensibleDefinitions } from './extensible-definitions.js';
export { overlayDefinitions } from './overlay-definitions.js';
export { loadInvariants } from './invariants.js';
export { loadProfiles, type PublishedProfiles } from './profiles.js';
export type { Invariant } from './invariants.js';
export type {
  CoverageState,
  SearchCoverage,
  SearchParameter,
  SearchParameterComponent,
  SearchParameterType,
} from './search-parameter.js';
export { choiceProperty } from './structure.js';
export type {
  ElementDefinition,
  ElementProperty,
  ElementType,
  TypeDefinition,
  TypeKind,
} from './structure.js';
export type { Terminology, ValueSetExpansion } from './terminology.js';
export { loadVocabulary } from './vocabulary.js';
export type { Vocabulary } from './vocabulary.js';
