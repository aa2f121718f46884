import type { JsonObject } from '../format/parsed-resource.js';
import type { InteractionResult } from '../exchange/interaction-result.js';

/** The answer of an operation whose only parameter out is a resource. Source: FHIR R4 operations.html#response. */
export function resourceAnswer(resource: JsonObject): InteractionResult {
  return { status: 200, body: Buffer.from(JSON.stringify(resource)) };
}
