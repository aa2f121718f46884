export { REINDEX_JOBS, type ReindexJob, type ReindexJobs } from './storage/reindex-jobs.js';
export { ReindexRunner } from './reindex/reindex-runner.js';
export { RepositoryDefinitions } from './search-parameters/repository-definitions.js';
export { SearchParameterActivation } from './search-parameters/search-parameter-activation.js';
export { CriteriaReader } from './passage/access/criteria-reader.js';
export { FhirExtensionModule } from './fhir-extension.module.js';
export { FhirModule } from './fhir.module.js';
export { FHIR_DEFINITIONS } from './definitions/index.js';
export { PAGE_TOKENS } from './search/page-token.js';
export { loadDefinitions } from './definitions/index.js';
export type {
  Definitions,
  ElementDefinition,
  SearchParameter,
  SearchParameterType,
  TypeDefinition,
} from './definitions/index.js';
export type { CapabilityFacts } from './capability/capability-statement.js';
export { isEvaluated, isOfWords } from './capability/evaluated-parameters.js';
export {
  supportedInteractions,
  type InteractionRoute,
  type SupportedInteraction,
} from './capability/supported-interactions.js';
export { softwareVersion } from './capability/software-version.js';
export { errorCodeSystem, operationOutcome, type OutcomeIssue } from './outcome/operation-outcome.js';
export { compressAnswers } from './http/compression.hook.js';
export { fhirRoot, isFhirUrl } from './http/outcome.renderer.js';
export {
  type CheckCounts,
  type Finding,
  type ResourceStore,
  StoreCheck,
  type StoredResource,
} from './storage/index.js';
export { FhirHooks } from './passage/hooks/fhir-hooks.js';
export type {
  AsyncHookContext,
  CommittedWrite,
  HookContext,
  HookSet,
  IncomingDeletion,
  IncomingWrite,
  PendingWrite,
  ReadRequest,
  ReadResult,
  Replacement,
  SearchRequest,
  SearchResult,
} from './passage/hooks/hook-set.js';
export { Interacts, PerEntry, Public } from './http/rule.js';
export type { InteractionContext } from './exchange/interaction-context.js';
export type { InteractionResult } from './exchange/interaction-result.js';
export type { JsonObject } from './format/parsed-resource.js';
export { accessOf, FhirOperations } from './operations/fhir-operations.js';
export type {
  FhirOperation,
  OperationCall,
  OperationLevel,
  OperationParameter,
} from './operations/fhir-operation.js';
export type {
  DoneWrite,
  OperationDecision,
  OperationState,
  OperationTargetResource,
  OperationUnit,
  OperationWrite,
} from './operations/operation-unit.js';
export type { OperationParameters } from './operations/operation-parameters.js';
export { resourceAnswer } from './operations/resource-answer.js';
export { FhirResources, type FoundResources, type ResourceCaller } from './resources/fhir-resources.js';
export { SearchParameters, type SearchParameterRegistration } from './search-parameters/search-parameters.js';
export {
  FhirJournals,
  journalTag,
  type FhirJournal,
  type JournalledRead,
  type JournalledWrite,
} from './passage/journal/fhir-journal.js';
export { FhirJournalModule } from './passage/journal/fhir-journal.module.js';
export type { OwnResource } from './format/resource-text.js';
export { ServerResources } from './passage/journal/server-resources.js';
export { AccessReview, type ReviewedRequest } from './review/access-review.js';

export { RESOURCE_STORE } from './storage/store-token.js';
