import { Module } from '@nestjs/common';
import { FhirOperations } from './operations/fhir-operations.js';
import { FhirHooks } from './passage/hooks/fhir-hooks.js';
import { FhirResources } from './resources/fhir-resources.js';
import { DefinitionsModule } from './search-parameters/definitions.module.js';

/** The registries that an extension's module fills; it imports this one to have them injected. */
@Module({
  imports: [DefinitionsModule],
  providers: [FhirHooks, FhirOperations, FhirResources],
  exports: [DefinitionsModule, FhirHooks, FhirOperations, FhirResources],
})
export class FhirExtensionModule {}
