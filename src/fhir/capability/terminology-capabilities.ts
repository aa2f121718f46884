import type { JsonObject } from '../format/parsed-resource.js';
import type { CapabilityFacts } from './capability-statement.js';

/**
 * What the server does with terminologies: nothing but to check codes of required bindings.
 *
 * @see https://hl7.org/fhir/R4/terminologycapabilities.html
 */
export function terminologyCapabilities({ endpoint, softwareVersion, date }: CapabilityFacts): JsonObject {
  return {
    resourceType: 'TerminologyCapabilities',
    url: `${endpoint.base}/metadata?mode=terminology`,
    version: softwareVersion,
    name: 'FirekeepTerminology',
    title: 'Terminology capabilities of Firekeep',
    status: 'active',
    date,
    description:
      'No terminology operations. Codes of required bindings are checked when resources are validated, where FHIR R4 publishes the codes.',
    kind: 'instance',
    software: { name: 'Firekeep', version: softwareVersion },
    implementation: { description: 'Firekeep FHIR R4 repository', url: endpoint.base },
  };
}
