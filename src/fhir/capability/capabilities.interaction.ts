import { Inject, Injectable } from '@nestjs/common';
import { EndpointRegistry, type FhirEndpoint } from '../../endpoints/index.js';
import { Settings } from '../../platform/config/index.js';
import type { Definitions } from '../definitions/index.js';
import { FHIR_DEFINITIONS } from '../fhir-tokens.js';
import type { InteractionResult } from '../interactions/interaction-result.js';
import { capabilityStatement } from './capability-statement.js';
import { softwareVersion } from './software-version.js';

/**
 * Answers the CapabilityStatement of an endpoint.
 *
 * @see https://hl7.org/fhir/R4/http.html#capabilities
 */
@Injectable()
export class CapabilitiesInteraction {
  private readonly texts = new Map<string, Buffer>();
  private readonly date = new Date().toISOString();

  constructor(
    @Inject(FHIR_DEFINITIONS) private readonly definitions: Definitions,
    @Inject(Settings) private readonly settings: Settings,
    @Inject(EndpointRegistry) endpoints: EndpointRegistry,
  ) {
    endpoints.onChange(() => this.texts.clear());
  }

  execute(endpoint: FhirEndpoint): InteractionResult {
    // The base is part of the key, since a port that is chosen at start changes it.
    const key = `${endpoint.base} ${endpoint.version}`;
    let body = this.texts.get(key);
    if (body === undefined) {
      body = Buffer.from(
        capabilityStatement(this.definitions, {
          endpoint,
          softwareVersion: softwareVersion(),
          date: this.date,
          issuer: this.settings.issuer,
        }),
      );
      this.texts.set(key, body);
    }
    return { status: 200, body };
  }
}
