import { Module } from '@nestjs/common';
import { ExtensibleDefinitions, FHIR_DEFINITIONS, loadDefinitions } from '../definitions/index.js';
import { SearchParameters } from './search-parameters.js';

/** The R4 definitions of this application, and the registry of search parameters that extensions add to them. */
@Module({
  providers: [
    { provide: ExtensibleDefinitions, useFactory: () => new ExtensibleDefinitions(loadDefinitions()) },
    {
      provide: FHIR_DEFINITIONS,
      inject: [ExtensibleDefinitions],
      useFactory: ({ definitions }: ExtensibleDefinitions) => definitions,
    },
    SearchParameters,
  ],
  exports: [ExtensibleDefinitions, FHIR_DEFINITIONS, SearchParameters],
})
export class DefinitionsModule {}
