export { FhirStorageModule } from './fhir-storage.module.js';
export type { ResourceStore, StoredResource } from './ports.js';
export { STORED_LABELS, type StoredLabel, type StoredLabels } from './labels.js';
export { StoreCheck } from './check/store-check.js';
export type { CheckCounts, Finding } from './check/finding.js';

export { RESOURCE_STORE } from './store-token.js';
