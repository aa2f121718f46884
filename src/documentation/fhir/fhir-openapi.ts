import {
  isEvaluated,
  isOfWords,
  supportedInteractions,
  type CapabilityFacts,
  type Definitions,
  type FhirOperation,
  type InteractionRoute,
  type SearchParameter,
} from '../../fhir/index.js';
import { answers } from './documented-answers.js';
import { interactionRoutes, type RouteDocument } from './interaction-routes.js';
import { path, query, template, type Operation, type Parameter, type PathItem } from './openapi-parts.js';
import { operationItem, operationRoutes, type OperationRoute } from './operation-routes.js';

type Paths = Record<string, PathItem>;

/** What the documents are made from: the registries of the FHIR module. */
export interface FhirParts {
  /** Path of the endpoint, `/fhir/r4`. */
  readonly base: string;
  readonly definitions: Definitions;
  readonly operations: readonly FhirOperation[];
  /** Which words are indexed. */
  readonly textIndex: CapabilityFacts['textIndex'];
}

const resultParameters: readonly Parameter[] = [
  query(
    '_filter',
    'Comparisons joined by and, or, not, for example: given eq "peter" and birthdate ge 2014-10-10.',
  ),
  query('_sort', 'Parameters to sort by, a minus in front for descending.'),
  query('_count', 'Matches a page.'),
  query('_total', 'none (default), estimate or accurate.'),
  query('_include', 'Resources that matches refer to, for example Observation:subject.'),
  query('_include:iterate', 'The same, for what was included too.'),
  query('_revinclude', 'Resources that refer to matches, for example Provenance:target.'),
  query('_revinclude:iterate', 'The same, for what was included too.'),
];
const commonToAllTypes: readonly Parameter[] = [
  query('_id', 'Logical ids, comma-separated.'),
  query('_lastUpdated', 'Date with prefix, for example ge2024-01-01.'),
];

/** FHIR once, for any `{type}`, below the base path. Source: FHIR R4 http.html. */
export function genericFhirPaths({ base, definitions, operations }: FhirParts): Paths {
  const inPath: PathParameters = {
    type: { ...path('type', 'Resource type.'), example: 'Patient' },
    id: path('id', 'Logical id.'),
    vid: path('vid', 'Version.'),
    member: path('member', 'Type that is searched in the compartment, or * for all.'),
  };
  const paths: Paths = {};
  for (const { route, method } of interactions()) {
    const document = interactionRoutes[`${method} ${route}` as InteractionRoute];
    const search = document.searches ? [...commonToAllTypes, ...resultParameters] : [];
    add(paths, base, route, { [method.toLowerCase()]: operationOf(document, named(route, inPath), search) });
  }
  for (const [route, sharing] of byRoute(operationRoutes(operations, undefined))) {
    const types = sharing.flatMap((one) => one.types ?? []);
    const type = types.length === 0 ? inPath.type : path('type', 'Resource type.', types);
    for (const operation of sharing) {
      add(paths, base, route, operationItem(merged(operation, sharing), named(route, { ...inPath, type })));
    }
  }
  const compartments = [...definitions.compartments.keys()];
  for (const [address, item] of Object.entries(paths)) {
    if (address.includes('{member}')) paths[address] = ofCompartments(item, compartments);
  }
  return paths;
}

/** FHIR for one resource type, with all of its search parameters; undefined: no such type. */
export function fhirPathsOf(parts: FhirParts, type: string): Paths | undefined {
  const { base, definitions, operations, textIndex } = parts;
  if (!definitions.isResourceType(type)) return undefined;
  const members = definitions.compartments.get(type);
  const inPath: PathParameters = {
    id: path('id', 'Logical id.'),
    vid: path('vid', 'Version.'),
    member: path('member', 'Type that is searched, or * for all.', ['*', ...(members?.keys() ?? [])]),
  };
  const search = [
    ...definitions
      .searchParameters(type)
      .filter((one) => isEvaluated(one) || isOfWords(one, textIndex))
      .map(searchParameter),
    ...resultParameters,
  ];
  const at = (route: string): string => route.replace(':type', type);
  const paths: Paths = {};
  for (const { route, method } of interactions().filter((one) => one.route.startsWith('/:type'))) {
    if (route.includes(':member') && members === undefined) continue;
    const document = interactionRoutes[`${method} ${route}` as InteractionRoute];
    const operation = operationOf(document, named(route, inPath), document.searches ? search : []);
    add(paths, base, at(route), { [method.toLowerCase()]: operation });
  }
  for (const { route, operation } of operationRoutes(operations, type)) {
    if (route.startsWith('/:type'))
      add(paths, base, at(route), operationItem(operation, named(route, inPath)));
  }
  return paths;
}

/** Operations of one name are told apart by their types alone, and have one route here. */
function byRoute(routes: readonly OperationRoute[]): ReadonlyMap<string, readonly FhirOperation[]> {
  const found = new Map<string, FhirOperation[]>();
  for (const { route, operation } of routes) found.set(route, [...(found.get(route) ?? []), operation]);
  return found;
}

/** What those that share a route have together. */
function merged(operation: FhirOperation, sharing: readonly FhirOperation[]): FhirOperation {
  if (sharing.length === 1) return operation;
  const parameters = new Map(
    sharing.flatMap((one) => one.parameters ?? []).map((parameter) => [parameter.name, parameter]),
  );
  return {
    ...operation,
    parameters: [...parameters.values()],
    documentation: sharing.flatMap((one) => one.documentation ?? []).join('\n\n'),
    definition: sharing.map(({ definition }) => definition).join(', '),
  };
}

type PathParameters = Readonly<Record<string, Parameter | undefined>>;

function interactions(): readonly { readonly route: string; readonly method: string }[] {
  return supportedInteractions.map(({ path: route, method }) => ({ route, method }));
}

function add(paths: Paths, base: string, route: string, item: PathItem): void {
  const address = `${base}${template(route === '/' ? '' : route)}`;
  paths[address] = { ...paths[address], ...item };
}

/** The parameters of a route, in the order of its path. */
function named(route: string, known: PathParameters): readonly Parameter[] {
  return [...route.matchAll(/:(\w+)/g)].flatMap(([, name = '']) => known[name] ?? []);
}

function operationOf(
  { summary, description, section, parameters, body, good, bad, isPublic }: RouteDocument,
  inPath: readonly Parameter[],
  search: readonly Parameter[],
): Operation {
  return {
    tags: ['FHIR'],
    ...(isPublic ? {} : { security: [{ fhir: [] }, { bearer: [] }] }),
    summary,
    ...(description === undefined ? {} : { description }),
    externalDocs: { url: `https://hl7.org/fhir/R4/http.html#${section}` },
    parameters: [...inPath, ...search, ...parameters],
    ...(body === undefined ? {} : { requestBody: body }),
    responses: answers(good, bad),
  };
}

/** A compartment is of some types only. */
function ofCompartments(item: PathItem, types: readonly string[]): PathItem {
  const entries = Object.entries(item) as [string, Operation][];
  return Object.fromEntries(
    entries.map(([method, operation]) => [
      method,
      {
        ...operation,
        parameters: operation.parameters?.map((one) =>
          'name' in one && one.name === 'type' ? path('type', 'Type of the compartment.', types) : one,
        ),
      },
    ]),
  );
}

function searchParameter({ code, type, targets }: SearchParameter): Parameter {
  const description =
    type === 'reference' && targets.length > 0 && targets.length < 12
      ? `${type} to ${targets.join(', ')}`
      : type;
  return query(code, description);
}
