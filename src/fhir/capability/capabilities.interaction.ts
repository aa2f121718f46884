import { Injectable } from '@nestjs/common';
import { EndpointRegistry, type FhirEndpoint } from '../../endpoints/index.js';
import { Settings } from '../../platform/config/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import type { JsonObject } from '../format/parsed-resource.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import { RepositoryDefinitions } from '../search-parameters/repository-definitions.js';
import { FhirOperations } from '../operations/fhir-operations.js';
import { capabilityStatement, type CapabilityFacts } from './capability-statement.js';
import { normativePart } from './normative-part.js';
import { softwareVersion } from './software-version.js';
import { terminologyCapabilities } from './terminology-capabilities.js';

const modes = ['full', 'normative', 'terminology'] as const;
type Mode = (typeof modes)[number];

/**
 * Answers what an endpoint can do: its CapabilityStatement, the normative portions of it, or its
 * TerminologyCapabilities.
 *
 * @see https://hl7.org/fhir/R4/http.html#capabilities
 */
@Injectable()
export class CapabilitiesInteraction {
  private readonly texts = new Map<string, Buffer>();
  private readonly date = new Date().toISOString();

  constructor(
    private readonly definitions: RepositoryDefinitions,
    private readonly settings: Settings,
    private readonly operations: FhirOperations,
    endpoints: EndpointRegistry,
  ) {
    endpoints.onChange(() => this.texts.clear());
    definitions.onChange(() => this.texts.clear());
  }

  /**
   * @param mode as the request names it; undefined: full
   * @throws FirekeepError 400 `FHIR_CAPABILITY_MODE`
   */
  execute(endpoint: FhirEndpoint, mode = 'full'): InteractionResult {
    const known = modes.find((one) => one === mode);
    if (known === undefined) throw unknownMode(mode);
    // The base is part of the key, since a port that is chosen at start changes it.
    const key = `${known} ${endpoint.base} ${endpoint.version}`;
    let body = this.texts.get(key);
    if (body === undefined) {
      body = Buffer.from(JSON.stringify(this.resource(endpoint, known)));
      this.texts.set(key, body);
    }
    return { status: 200, body };
  }

  private resource(endpoint: FhirEndpoint, mode: Mode): JsonObject {
    const facts: CapabilityFacts = {
      endpoint,
      softwareVersion: softwareVersion(),
      date: this.date,
      issuer: this.settings.issuer,
      updateCreate: this.settings.get('updateCreate'),
      conditionalDeleteMultiple: this.settings.get('conditionalDeleteMultiple'),
      referentialIntegrity: this.settings.get('referentialIntegrity'),
      textIndex: this.settings.get('textIndex'),
      operations: this.operations.all(),
    };
    if (mode === 'terminology') return terminologyCapabilities(facts);
    const statement = capabilityStatement(this.definitions.of(endpoint.repository), facts);
    return mode === 'full' ? statement : normativePart(statement);
  }
}

function unknownMode(mode: string): FirekeepError {
  const message = `"mode" is one of ${modes.join(', ')}, not "${mode.slice(0, 40)}".`;
  return new FirekeepError('invalid', 'FHIR_CAPABILITY_MODE', message, {
    issues: [{ message, expression: 'mode' }],
  });
}
