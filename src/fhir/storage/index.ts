export { FhirStorageModule } from './fhir-storage.module.js';
export { RESOURCE_STORE } from './ports.js';
export type {
  HistoryPage,
  HistoryPageRequest,
  HistoryVersion,
  PlannedWrite,
  ResourceIdentity,
  ResourceStore,
  SearchPage,
  StoredResource,
  WriteContext,
  WriteUnit,
} from './ports.js';
