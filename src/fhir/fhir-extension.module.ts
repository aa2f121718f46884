import { Module } from '@nestjs/common';
import { ExtensibleDefinitions, loadDefinitions } from './definitions/index.js';
import { FHIR_DEFINITIONS } from './fhir-tokens.js';
import { FhirHooks } from './hooks/fhir-hooks.js';
import { FhirOperations } from './operations/fhir-operations.js';
import { FhirResources } from './resources/fhir-resources.js';
import { SearchParameters } from './search-parameters/search-parameters.js';

/** The registries that an extension's module fills; it imports this one to have them injected. */
@Module({
  providers: [
    { provide: ExtensibleDefinitions, useFactory: () => new ExtensibleDefinitions(loadDefinitions()) },
    {
      provide: FHIR_DEFINITIONS,
      inject: [ExtensibleDefinitions],
      useFactory: ({ definitions }: ExtensibleDefinitions) => definitions,
    },
    FhirHooks,
    FhirOperations,
    SearchParameters,
    FhirResources,
  ],
  exports: [
    ExtensibleDefinitions,
    FHIR_DEFINITIONS,
    FhirHooks,
    FhirOperations,
    SearchParameters,
    FhirResources,
  ],
})
export class FhirExtensionModule {}
