export { FhirStorageModule } from './fhir-storage.module.js';
export { RESOURCE_STORE, type ResourceStore, type StoredResource } from './ports.js';
