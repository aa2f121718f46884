import { Inject, Injectable } from '@nestjs/common';
import { EndpointRegistry } from '../../endpoints/index.js';
import { Settings } from '../../platform/config/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { type Definitions, FHIR_DEFINITIONS } from '../definitions/index.js';
import { parseResource, type ParsedResource } from '../format/parsed-resource.js';
import { wrongShape } from '../format/json-errors.js';
import { isResourceId } from '../format/resource-id.js';
import { readResourceText, type ResourceText } from '../format/resource-text.js';
import { extract } from '../search/extraction/index.js';
import type { ParameterValues } from '../search/index-values.js';
import type { OutcomeIssue } from '../outcome/operation-outcome.js';
import { readSearchParameter } from '../search-parameters/resource/search-parameter-resource.js';
import { RepositoryDefinitions } from '../search-parameters/repository-definitions.js';
import type { Indexing, ParameterDefinition } from '../storage/parameter-registry.js';
import type { LocalReference } from '../storage/ports.js';
import { unknownType } from './interaction-errors.js';
import { LocalReferences } from './local-references.js';
import { ResourceValidation } from './resource-validation.js';

/** A body that passed every check and can be stored. */
export interface IncomingResource {
  readonly text: ResourceText;
  readonly values: readonly ParameterValues[];
  /** What validation has found without refusing it. */
  readonly warnings: readonly OutcomeIssue[];
  /** What must be there once it is stored; absent where the integrity of references is not kept. */
  readonly references?: readonly LocalReference[];
  readonly indexing: Indexing;
  /** The same resource with other labels, and what follows from them. */
  relabelled(text: ResourceText): IncomingResource;
  /** Of a SearchParameter: what it defines. */
  readonly defines?: ParameterDefinition;
}

/** Bodies are stored in columns of 16 MiB; the rest is for `id` and `meta`. */
const maximumBytes = 16 * 2 ** 20 - 4096;

/** What happens to every resource before it is written: taken apart, checked, indexed. */
@Injectable()
export class ResourceIntake {
  constructor(
    @Inject(FHIR_DEFINITIONS) private readonly definitions: Definitions,
    private readonly endpoints: EndpointRegistry,
    private readonly settings: Settings,
    private readonly validation: ResourceValidation,
    private readonly references: LocalReferences,
    private readonly repositories: RepositoryDefinitions,
  ) {}

  /** @throws FirekeepError `FHIR_UNKNOWN_TYPE` */
  requireType(type: string): void {
    if (!this.definitions.isResourceType(type)) throw unknownType(type);
  }

  /**
   * Takes a resource of the expected type apart.
   *
   * @param place FHIRPath for errors, where the resource is part of a Bundle
   * @throws FirekeepError 400 for what isn't such a resource, 413 for one that is too large
   */
  read(body: Buffer, expectedType: string, place = ''): ResourceText {
    const text = readResourceText(body, place);
    const at = place === '' ? 'resourceType' : `${place}.resourceType`;
    if (!this.definitions.isResourceType(text.type)) {
      throw wrongShape(`There is no resource type "${text.type.slice(0, 64)}" in FHIR R4.`, at);
    }
    if (text.type !== expectedType) {
      throw wrongShape(`The address is for ${expectedType}, but the body is of type ${text.type}.`, at);
    }
    if (text.text.length > maximumBytes) {
      throw new FirekeepError(
        'too-large',
        'FHIR_RESOURCE_TOO_LARGE',
        `The resource has ${text.text.length} bytes; ${maximumBytes} are the most that is stored.`,
      );
    }
    return text;
  }

  /** Checks that a body has the id of its address. */
  requireId(text: ResourceText, id: string, place = ''): void {
    const at = place === '' ? 'id' : `${place}.id`;
    if (!isResourceId(id)) throw invalidId(id, at);
    if (text.id === undefined) {
      throw wrongShape(`The body has no "id"; an update needs the id of the address, "${id}".`, at);
    }
    if (text.id !== id) {
      throw wrongShape(`The body has the id "${text.id.slice(0, 64)}", the address "${id}".`, at);
    }
  }

  /**
   * Parses and validates a resource that `read` gave.
   *
   * @throws FirekeepError `FHIR_DUPLICATE_KEY`, `FHIR_FORBIDDEN_KEY`, 422 `FHIR_VALIDATION_FAILED`
   */
  check(text: ResourceText, place = ''): readonly OutcomeIssue[] {
    return this.validation.require(parseResource(text), place, false);
  }

  /**
   * Parses, validates and indexes a resource that `read` gave.
   *
   * @param place FHIRPath for errors, where the resource is part of a Bundle
   * @param checked what `check` found, where only links have changed since
   * @throws FirekeepError `FHIR_DUPLICATE_KEY`, `FHIR_FORBIDDEN_KEY`, 422 `FHIR_VALIDATION_FAILED`
   */
  accept(
    text: ResourceText,
    repository: string,
    place = '',
    checked?: readonly OutcomeIssue[],
  ): IncomingResource {
    const parsed = parseResource(text);
    const found = this.validation.require(parsed, place, checked !== undefined);
    const defines = text.type === 'SearchParameter' ? this.defined(parsed, place) : undefined;
    const { version } = this.repositories;
    const values = this.extract(text, parsed, repository);
    const references = this.references.of(text, parsed.object, repository, place);
    return {
      text,
      values,
      indexing: { version, derive: () => this.values(text, repository) },
      warnings: checked ?? found,
      relabelled: (other) => this.accept(other, repository, place, checked ?? found),
      ...(references === undefined ? {} : { references }),
      ...(defines === undefined ? {} : { defines }),
    };
  }

  /** What a search sees of a resource that `read` gave, or that is stored. */
  values(text: ResourceText, repository: string): readonly ParameterValues[] {
    return this.extract(text, parseResource(text), repository);
  }

  /**
   * What a SearchParameter that `read` gave defines; undefined: nothing.
   *
   * @throws FirekeepError 422 `FHIR_SEARCH_PARAMETER_INVALID` with every finding
   */
  definition(text: ResourceText): ParameterDefinition | undefined {
    return text.type === 'SearchParameter' ? this.defined(parseResource(text), '') : undefined;
  }

  private defined({ object }: ParsedResource, place: string): ParameterDefinition | undefined {
    const { definition, issues } = readSearchParameter(object, this.definitions);
    const [first] = issues;
    if (first === undefined) return definition;
    const placed = issues.map((issue) => ({
      ...issue,
      expression: (issue.expression ?? '').replace(
        'SearchParameter',
        place === '' ? 'SearchParameter' : place,
      ),
    }));
    throw new FirekeepError('unprocessable', 'FHIR_SEARCH_PARAMETER_INVALID', first.message, {
      issues: placed,
    });
  }

  private extract(
    text: ResourceText,
    { object, decimalText }: ParsedResource,
    repository: string,
  ): readonly ParameterValues[] {
    const values = extract(text.type, object, {
      bases: this.endpoints.bases(repository),
      timeZone: this.settings.get('timeZone'),
      text: this.settings.get('textIndex'),
      decimalText,
      definitions: this.repositories.of(repository),
    });
    return this.references.indexed(text, repository, values);
  }
}

export function invalidId(id: string, at = 'id'): FirekeepError {
  return wrongShape(
    `"${id.slice(0, 80)}" is not an id: 1 to 64 of the characters A-Z, a-z, 0-9, "-" and ".".`,
    at,
  );
}
