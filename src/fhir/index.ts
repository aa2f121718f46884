export { FhirModule } from './fhir.module.js';
export { FHIR_DEFINITIONS, PAGE_TOKENS } from './fhir-tokens.js';
export { loadDefinitions } from './definitions/index.js';
export type {
  Definitions,
  ElementDefinition,
  SearchParameter,
  SearchParameterType,
  TypeDefinition,
} from './definitions/index.js';
export { supportedInteractions, type SupportedInteraction } from './capability/supported-interactions.js';
export { softwareVersion } from './capability/software-version.js';
export { errorCodeSystem, operationOutcome, type OutcomeIssue } from './outcome/operation-outcome.js';
export { fhirRoot, isFhirUrl } from './outcome/outcome.renderer.js';
export {
  RESOURCE_STORE,
  StoreCheck,
  type CheckCounts,
  type Finding,
  type ResourceStore,
  type StoredResource,
} from './storage/index.js';
