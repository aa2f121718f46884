import { accessOf, type FhirOperation, type OperationLevel } from '../../fhir/index.js';
import { answers, success } from './documented-answers.js';
import {
  anyResource,
  header,
  query,
  resourceContent,
  type Operation,
  type Parameter,
  type PathItem,
} from './openapi-parts.js';

/** Where an operation is called, below the base, with route parameters. */
const addresses: Readonly<Record<OperationLevel, string>> = {
  system: '/',
  type: '/:type/',
  instance: '/:type/:id/',
};

/** A route of an operation. */
export interface OperationRoute {
  readonly route: string;
  readonly operation: FhirOperation;
}

/** @param type undefined: whatever their type */
export function operationRoutes(
  operations: readonly FhirOperation[],
  type: string | undefined,
): readonly OperationRoute[] {
  return operations.flatMap((operation) =>
    (Object.keys(addresses) as OperationLevel[])
      .filter((level) => accessOf(operation, level, level === 'system' ? undefined : type) !== undefined)
      .map((level) => ({ route: `${addresses[level]}$${operation.name}`, operation })),
  );
}

/** The methods of an operation. @param inPath parameters of its path */
export function operationItem(operation: FhirOperation, inPath: readonly Parameter[]): PathItem {
  const { name, definition, affectsState, isWatched = false, forAdministrators, parameters } = operation;
  const isByGet = !affectsState || isWatched || operation.readsByGet === true;
  const described = (parameters ?? [])
    .map((one) => `- \`${one.name}\` (${one.type}): ${one.documentation}`)
    .join('\n');
  const good = {
    200: success('The result.', anyResource),
    ...(isWatched
      ? { 202: success('It goes on in the background.', anyResource, ['Content-Location']) }
      : {}),
    ...(operation.readsByGet === true
      ? { 201: success('It was stored, too.', anyResource, ['Location']) }
      : {}),
  };
  const common: Omit<Operation, 'parameters'> = {
    tags: ['FHIR'],
    security: [{ fhir: [] }, { bearer: [] }],
    summary: `Operation $${name}${forAdministrators === true ? ', for administrators' : ''}`,
    description: [operation.documentation, `Defined by ${definition}.`, described]
      .filter((part) => part !== undefined && part !== '')
      .join('\n\n'),
    externalDocs: { url: 'https://hl7.org/fhir/R4/operations.html' },
    responses: answers(good, [
      ...([400, 404, 405, 413, 415, 422] as const),
      ...(affectsState ? ([409, 410, 412, 429] as const) : []),
    ]),
  };
  const precondition = header('If-Match', 'W/"version" that must be the current one, else 412.');
  const post: Operation = {
    ...common,
    parameters: [...inPath, ...(isByGet ? [] : [precondition])],
    requestBody: { required: !isByGet, content: resourceContent('Parameters') },
  };
  if (!isByGet) return { post };
  const inQuery = (parameters ?? [])
    .filter(({ type, only }) => /^[a-z]/.test(type) && only === undefined)
    .map((one) => query(one.name, one.documentation));
  return { get: { ...common, parameters: [...inPath, ...inQuery] }, post };
}
