import type { JsonObject } from '../format/parsed-resource.js';

/** Elements of CapabilityStatement that are trial use in R4. Source: FHIR R4 capabilitystatement-definitions.html. */
const trialUse = {
  statement: ['useContext', 'imports', 'messaging', 'document'],
  rest: ['security'],
  resource: [
    'supportedProfile',
    'versioning',
    'readHistory',
    'updateCreate',
    'conditionalCreate',
    'conditionalRead',
    'conditionalUpdate',
    'conditionalDelete',
    'referencePolicy',
    'searchInclude',
    'searchRevInclude',
  ],
} as const;

/** The normative portions of a CapabilityStatement. Source: FHIR R4 http.html#capabilities, `mode=normative`. */
export function normativePart(statement: JsonObject): JsonObject {
  return {
    ...without(statement, trialUse.statement),
    rest: objects(statement.rest).map((rest) => ({
      ...without(rest, trialUse.rest),
      resource: objects(rest.resource).map((resource) => without(resource, trialUse.resource)),
    })),
  };
}

function without(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

function objects(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? (value as JsonObject[]) : [];
}
