import { Module } from '@nestjs/common';
import { loadDefinitions } from './definitions/index.js';
import { FHIR_DEFINITIONS } from './fhir-tokens.js';
import { FhirHooks } from './hooks/fhir-hooks.js';

/** The registries that an extension's module fills; it imports this one to have them injected. */
@Module({
  providers: [{ provide: FHIR_DEFINITIONS, useFactory: loadDefinitions }, FhirHooks],
  exports: [FHIR_DEFINITIONS, FhirHooks],
})
export class FhirExtensionModule {}
