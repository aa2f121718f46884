import { Injectable } from '@nestjs/common';
import type { FhirEndpoint } from '../../endpoints/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import { isResourceId } from '../format/resource-id.js';
import type { JsonObject } from '../format/parsed-resource.js';
import type { SearchParameterPair } from '../search/parse-search.js';
import { isControlParameter } from '../search/result-controls.js';
import type { FhirOperation, OperationParameter } from '../operations/fhir-operation.js';
import { FhirOperations } from '../operations/fhir-operations.js';
import { softwareVersion } from './software-version.js';

/**
 * The OperationDefinitions of this server's operations, made of what they declare. They can be read under the id that
 * their canonical URL ends in, where the repository itself holds none of that id, and found by `url` alone, where it holds
 * none of that URL; any other search finds what is stored. The CapabilityStatement names them by their canonical URLs.
 *
 * @see https://hl7.org/fhir/R4/operationdefinition.html
 */
@Injectable()
export class OperationDefinitions {
  private readonly date = new Date().toISOString();

  constructor(private readonly operations: FhirOperations) {}

  /**
   * A read, answered by a definition where what is asked for is none that is stored.
   *
   * @throws FirekeepError as the read, for any other resource
   */
  async orStored(
    { base }: Pick<FhirEndpoint, 'base'>,
    { type, id }: { readonly type: string; readonly id: string },
    read: () => Promise<InteractionResult>,
  ): Promise<InteractionResult> {
    try {
      return await read();
    } catch (thrown) {
      if (!isUnknown(thrown) || type !== 'OperationDefinition') throw thrown;
      const operation = this.operations.all().find(({ definition }) => idOf(definition) === id);
      if (operation === undefined) throw thrown;
      return { status: 200, body: Buffer.from(JSON.stringify(definitionOf(operation, base, this.date))) };
    }
  }

  /**
   * A search, answered by definitions where it asks for their URLs and nothing that is stored has any of these.
   *
   * @throws FirekeepError as the search
   */
  async orFound(
    { base }: Pick<FhirEndpoint, 'base'>,
    { type, parameters }: { readonly type: string; readonly parameters: readonly SearchParameterPair[] },
    search: () => Promise<InteractionResult>,
  ): Promise<InteractionResult> {
    const result = await search();
    const urls = type === 'OperationDefinition' ? urlsOf(parameters) : [];
    const own = this.operations
      .all()
      .filter(({ definition }) => urls.includes(definition) && idOf(definition) !== undefined);
    if (own.length === 0 || result.body === undefined) return result;
    const bundle = JSON.parse(result.body.toString('utf8')) as Searchset;
    const others = bundle.entry ?? [];
    if ((bundle.total ?? 0) > 0 || others.some(({ search: { mode } }) => mode === 'match')) return result;
    const found = own.map((operation) => ({
      fullUrl: `${base}/OperationDefinition/${idOf(operation.definition) ?? ''}`,
      resource: definitionOf(operation, base, this.date),
      search: { mode: 'match' },
    }));
    const entry = [...(isCounted(parameters) ? [] : found), ...others];
    const complete = {
      ...bundle,
      ...(bundle.total === undefined ? {} : { total: found.length }),
      ...(entry.length === 0 ? {} : { entry }),
    };
    return { ...result, body: Buffer.from(JSON.stringify(complete)) };
  }
}

/** The Bundle that a search is answered with. */
interface Searchset {
  readonly total?: number;
  readonly entry?: readonly { readonly search: { readonly mode: string } }[];
}

/** URLs of a search that asks for these and nothing else; none: it is another one. */
function urlsOf(parameters: readonly SearchParameterPair[]): readonly string[] {
  const [asked, ...others] = parameters.filter(([name]) => !isControlParameter(name));
  return asked?.[0] === 'url' && others.length === 0 ? asked[1].split(',') : [];
}

/** Whether it asks for the number alone. */
function isCounted(parameters: readonly SearchParameterPair[]): boolean {
  return parameters.some(
    ([name, value]) => (name === '_summary' && value === 'count') || (name === '_count' && value === '0'),
  );
}

function isUnknown(thrown: unknown): boolean {
  return thrown instanceof FirekeepError && thrown.code === 'FHIR_UNKNOWN_RESOURCE';
}

/** Undefined: the URL ends in nothing that could be an id. */
function idOf(definition: string): string | undefined {
  const last = /[^/:]*$/.exec(definition)?.[0] ?? '';
  return isResourceId(last) ? last : undefined;
}

/** @param date ISO 8601 */
function definitionOf(operation: FhirOperation, base: string, date: string): JsonObject {
  const {
    definition,
    name,
    documentation,
    affectsState,
    types,
    access,
    parameters = [],
    returns,
  } = operation;
  const id = idOf(definition) ?? name;
  return {
    resourceType: 'OperationDefinition',
    id,
    url: definition,
    version: softwareVersion(),
    name: nameOf(id),
    title: `$${name}`,
    status: 'active',
    kind: 'operation',
    date,
    description: documentation ?? `The operation $${name} as ${base} has it.`,
    affectsState,
    code: name,
    ...(access.type === undefined && access.instance === undefined
      ? {}
      : { resource: types ?? ['Resource'] }),
    system: access.system !== undefined,
    type: access.type !== undefined,
    instance: access.instance !== undefined,
    parameter: [
      ...parameters.map(parameterOf),
      {
        name: 'return',
        use: 'out',
        min: 1,
        max: '1',
        documentation: 'The answer.',
        type: returns ?? 'Resource',
      },
    ],
  };
}

/** `Patient-everything` as a name of a programming language: `PatientEverything`. */
function nameOf(id: string): string {
  const name = id.replace(/(?:^|[-.])([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return /^[A-Z]/.test(name) ? name : `Operation${name}`;
}

function parameterOf({ name, type, documentation, repeats, searchType }: OperationParameter): object {
  return {
    name,
    use: 'in',
    min: 0,
    max: repeats === true ? '*' : '1',
    documentation,
    type,
    ...(searchType === undefined ? {} : { searchType }),
  };
}
