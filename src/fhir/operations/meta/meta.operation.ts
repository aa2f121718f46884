import { Inject, Injectable } from '@nestjs/common';
import { stringNode, type JsonNode, type JsonObjectNode } from '../../format/json-tree.js';
import { deletedResource, unknownResource } from '../../exchange/interaction-errors.js';
import type { InteractionContext } from '../../exchange/interaction-context.js';
import type { InteractionResult } from '../../exchange/interaction-result.js';
import { RepositoryDefinitions } from '../../search-parameters/repository-definitions.js';
import type { RestrictedQuery } from '../../search/restricted-query.js';
import { Passage } from '../../passage/passage.js';
import type { Asked } from '../../passage/passage-stage.js';
import { STORED_LABELS, type StoredLabel, type StoredLabels } from '../../storage/index.js';
import type { FhirOperation, OperationCall } from '../fhir-operation.js';
import { returnedValue } from '../operation-answer.js';
import { metaOf } from '../../exchange/meta-labels.js';

/**
 * Answers the profiles, security labels and tags of a resource, or all that are in use on what the caller can find of a
 * type or of the whole repository.
 *
 * @see https://hl7.org/fhir/R4/resource-operation-meta.html
 */
@Injectable()
export class MetaOperation implements FhirOperation {
  readonly name = 'meta';
  readonly definition = 'http://hl7.org/fhir/OperationDefinition/Resource-meta';
  readonly affectsState = false;
  readonly narrows = 'search-type';
  readonly returns = 'Parameters';
  readonly parameters = [];
  readonly access = { system: ['search-system'], type: ['search-type'], instance: ['read'] } as const;

  constructor(
    private readonly passage: Passage,
    @Inject(STORED_LABELS) private readonly labels: StoredLabels,
    private readonly definitions: RepositoryDefinitions,
  ) {}

  async execute({ context, type, id }: OperationCall): Promise<InteractionResult> {
    const { repository } = context.endpoint;
    if (type === undefined || id === undefined) return this.inUse(context, type);
    return this.passage.read(context, { interaction: 'read', type, id }, async (store) => {
      const stored = await store.read(repository, type, id);
      if (stored === undefined) throw unknownResource(type, id);
      if (stored.deleted) throw deletedResource(type, id);
      return { status: 200, body: returnedValue('Meta', metaOf(stored.content)) };
    });
  }

  /** The labels of a type, or of all: hooks and the audit take it for the search that it is. */
  private inUse(context: InteractionContext, type: string | undefined): Promise<InteractionResult> {
    const asked: Asked = {
      interaction: type === undefined ? 'search-system' : 'search-type',
      type: type ?? null,
      search: { parameters: [], path: type === undefined ? '$meta' : `${type}/$meta` },
    };
    return this.passage.read(context, asked, async () => {
      const labels = await this.labels.inUse(this.found(context, type));
      return { status: 200, body: returnedValue('Meta', metaOfLabels(labels)) };
    });
  }

  /** The search for all that the caller can find. */
  private found(context: InteractionContext, type: string | undefined): RestrictedQuery {
    const { repository } = context.endpoint;
    const types = type === undefined ? this.definitions.of(repository).resourceTypes : [type];
    return this.passage.access.narrowed(context, {
      ...{ repository, types, filter: [], sort: [] },
      ...{ count: 0, total: 'none' },
    });
  }
}

function metaOfLabels(labels: readonly StoredLabel[]): JsonObjectNode {
  const members = new Map<string, JsonNode>();
  for (const { kind, system, code } of labels) {
    const known = members.get(kind);
    const items = known?.kind === 'array' ? known.items : [];
    items.push(kind === 'profile' ? stringNode(code) : coding(system, code));
    members.set(kind, { kind: 'array', items });
  }
  return { kind: 'object', members };
}

function coding(system: string | undefined, code: string): JsonNode {
  const members = new Map<string, JsonNode>();
  if (system !== undefined) members.set('system', stringNode(system));
  if (code !== '') members.set('code', stringNode(code));
  return { kind: 'object', members };
}
