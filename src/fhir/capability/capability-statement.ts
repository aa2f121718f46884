import type { Interaction } from '../../contract/index.js';
import type { FhirEndpoint } from '../../endpoints/index.js';
import type { Definitions, SearchParameter } from '../definitions/index.js';
import { formatCodes } from '../format/media-type.js';
import type { JsonObject } from '../format/parsed-resource.js';
import type { FhirOperation } from '../operations/fhir-operation.js';
import { systemOperations, typeOperations } from './operation-capabilities.js';
import type { TextIndex } from '../search/text/text-index.js';
import { isEvaluated, isOfWords } from './evaluated-parameters.js';
import { supportedInteractions } from './supported-interactions.js';

/** What the statement says besides the definitions. */
export interface CapabilityFacts {
  readonly endpoint: Pick<FhirEndpoint, 'base' | 'checkMode' | 'oauthClientName'>;
  /** `0.1.0` */
  readonly softwareVersion: string;
  /** When this process began to offer it, ISO 8601. */
  readonly date: string;
  /** Base URL of this server's own issuer. */
  readonly issuer: string;
  /** Whether clients may choose ids. */
  readonly updateCreate: boolean;
  /** Whether a conditional delete may take several resources. */
  readonly conditionalDeleteMultiple: boolean;
  /** Whether references must point to something. */
  readonly referentialIntegrity: boolean;
  /** Which words are indexed. */
  readonly textIndex: TextIndex;
  readonly operations: readonly FhirOperation[];
}

/** JSON Patch, and FHIRPath Patch as Parameters in either form. */
const patchFormats = ['application/json-patch+json', 'application/fhir+json', 'application/fhir+xml'];

const oauthUris = 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris';
const securityService = 'http://terminology.hl7.org/CodeSystem/restful-security-service';

/**
 * The CapabilityStatement of an endpoint, made from the definitions and the table of interactions.
 *
 * @see https://hl7.org/fhir/R4/capabilitystatement.html
 */
export function capabilityStatement(definitions: Definitions, facts: CapabilityFacts): JsonObject {
  const { endpoint, softwareVersion, date } = facts;
  return {
    resourceType: 'CapabilityStatement',
    url: `${endpoint.base}/metadata`,
    version: softwareVersion,
    name: 'Firekeep',
    title: 'Firekeep FHIR R4 repository',
    status: 'active',
    date,
    kind: 'instance',
    software: { name: 'Firekeep', version: softwareVersion },
    implementation: { description: 'Firekeep FHIR R4 repository', url: endpoint.base },
    fhirVersion: definitions.fhirVersion,
    format: formatCodes,
    ...(has('patch') ? { patchFormat: patchFormats } : {}),
    rest: [
      {
        mode: 'server',
        security: security(facts),
        resource: definitions.resourceTypes.map((type) => resource(definitions, type, facts)),
        interaction: interactionsOf('system').map((code) => ({ code })),
        operation: systemOperations(facts.operations),
        ...(has('search-type', compartmentPath) ? { compartment: compartments(definitions) } : {}),
      },
    ],
  };
}

function interactionsOf(level: 'type' | 'system'): readonly string[] {
  const codes = supportedInteractions.filter((one) => one.level === level).map((one) => one.interaction);
  return [...new Set(codes)];
}

function resource(definitions: Definitions, type: string, facts: CapabilityFacts): object {
  return {
    type,
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    interaction: interactionsOf('type').map((code) => ({ code })),
    versioning: 'versioned',
    readHistory: has('vread'),
    updateCreate: facts.updateCreate,
    conditionalCreate: true,
    conditionalRead: 'full-support',
    conditionalUpdate: has('update', criteriaPath),
    conditionalDelete: conditionalDelete(facts),
    referencePolicy: ['literal', 'logical', 'local', ...(facts.referentialIntegrity ? ['enforced'] : [])],
    ...includes(definitions, type),
    searchParam: [
      ...definitions
        .searchParameters(type)
        .filter((parameter) => isEvaluated(parameter) || isOfWords(parameter, facts.textIndex))
        .map(searchParameter),
      filter,
    ],
    operation: typeOperations(facts.operations, type),
  };
}

/** Known to every type, and no SearchParameter among the definitions. Source: FHIR R4 search_filter.html. */
const filter = { name: '_filter', definition: 'http://hl7.org/fhir/SearchParameter/filter', type: 'special' };

/** Empty lists are left out, as FHIR has none. */
function includes(definitions: Definitions, type: string): object {
  const outbound = definitions.includes(type).filter(isEvaluated);
  const inbound = definitions.revincludes(type).filter(({ parameter }) => isEvaluated(parameter));
  return {
    ...(outbound.length === 0
      ? {}
      : { searchInclude: ['*', `${type}:*`, ...outbound.map(({ code }) => `${type}:${code}`)] }),
    ...(inbound.length === 0
      ? {}
      : { searchRevInclude: ['*', ...inbound.map((one) => `${one.type}:${one.parameter.code}`)] }),
  };
}

/** Whether there is a route for an interaction, at one address or any. */
function has(interaction: Interaction, path?: string): boolean {
  return supportedInteractions.some(
    (one) => one.interaction === interaction && (path === undefined || one.path === path),
  );
}

/** Where criteria in the query take the place of an id. */
const criteriaPath = '/:type';
const compartmentPath = '/:type/:id/:member';

function compartments({ compartments: known }: Definitions): readonly string[] {
  return [...known.keys()].map((type) => `http://hl7.org/fhir/CompartmentDefinition/${type.toLowerCase()}`);
}

function conditionalDelete({ conditionalDeleteMultiple }: CapabilityFacts): string {
  if (!has('delete', criteriaPath)) return 'not-supported';
  return conditionalDeleteMultiple ? 'multiple' : 'single';
}

function searchParameter({ code, url, type, coverage }: SearchParameter): object {
  const documentation = 'Resources that were stored before this parameter came are not found by it.';
  return {
    name: code,
    definition: url,
    type,
    ...(coverage?.state === 'partial' ? { documentation } : {}),
  };
}

/** How a caller shows who it is. Source: FHIR R4 security.html, SMART App Launch (oauth-uris extension). */
function security({ endpoint, issuer }: CapabilityFacts): object {
  const { checkMode, oauthClientName } = endpoint;
  const takesTokens = checkMode === 'bearer' || checkMode === 'basic-and-bearer';
  const services = [
    ...(takesTokens ? [service('SMART-on-FHIR', 'SMART-on-FHIR'), service('OAuth', 'OAuth')] : []),
    ...(checkMode === 'basic' || checkMode === 'basic-and-bearer' ? [service('Basic', 'Basic')] : []),
  ];
  // Where another server issues the tokens, its own metadata names its addresses.
  const uris = takesTokens && oauthClientName === null ? [smartUris(issuer)] : [];
  return {
    ...(uris.length === 0 ? {} : { extension: uris }),
    cors: true,
    ...(services.length === 0 ? {} : { service: services }),
    description: descriptions[checkMode],
  };
}

const descriptions: Readonly<Record<FhirEndpoint['checkMode'], string>> = {
  bearer: 'An access token for this endpoint in the Authorization header.',
  'basic-and-bearer':
    'HTTP Basic in the Authorization header, and an access token of the same user in the parameter access_token.',
  basic: 'HTTP Basic.',
  open: 'Open: no credentials are asked for.',
};

function service(code: string, text: string): object {
  return { coding: [{ system: securityService, code }], text };
}

function smartUris(issuer: string): object {
  const uri = (url: string, path: string): object => ({ url, valueUri: `${issuer}/${path}` });
  return {
    url: oauthUris,
    extension: [
      uri('authorize', 'authorize'),
      uri('token', 'token'),
      uri('register', 'register'),
      uri('manage', 'approvals'),
      uri('introspect', 'introspection'),
      uri('revoke', 'revocation'),
    ],
  };
}
