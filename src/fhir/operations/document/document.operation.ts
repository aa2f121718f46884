import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { EndpointRegistry } from '../../../endpoints/index.js';
import { deletedResource, unknownResource } from '../../exchange/interaction-errors.js';
import type { InteractionResult } from '../../exchange/interaction-result.js';
import { BundleWriter } from '../../format/bundle-writer.js';
import { CreateInteraction } from '../../interactions/create.interaction.js';
import { operationOutcome } from '../../outcome/operation-outcome.js';
import { InteractionAccess } from '../../passage/access/interaction-access.js';
import { Passage } from '../../passage/passage.js';
import { RepositoryDefinitions } from '../../search-parameters/repository-definitions.js';
import { parseReference } from '../../search/extraction/index.js';
import type { FhirOperation, OperationCall, OperationParameter } from '../fhir-operation.js';
import { invalidParameter } from '../operation-parameters.js';
import { DocumentResources, type DocumentContent } from './document-resources.js';

/**
 * Answers the document that a Composition stands for: the Composition with all that it refers to.
 *
 * @see https://hl7.org/fhir/R4/composition-operation-document.html
 */
@Injectable()
export class DocumentOperation implements FhirOperation {
  readonly name = 'document';
  readonly definition = 'http://hl7.org/fhir/OperationDefinition/Composition-document';
  readonly documentation =
    'The document that a Composition stands for: the Composition with all that it and its sections refer to, and who and what was given besides.';
  readonly affectsState = true;
  readonly readsByGet = true;
  readonly narrows = 'read';
  readonly tellsLeftOut = true;
  readonly returns = 'Bundle';
  readonly types = ['Composition'];
  readonly parameters: readonly OperationParameter[] = [
    {
      name: 'id',
      type: 'uri',
      documentation: 'Of a call without an id in its address: the Composition, by id or URL.',
    },
    {
      name: 'persist',
      type: 'boolean',
      documentation: 'Stores the document, too; by POST alone, and for who may create a Bundle.',
    },
  ];
  readonly access = { type: ['read'], instance: ['read'] } as const;

  constructor(
    private readonly granted: InteractionAccess,
    private readonly passage: Passage,
    private readonly creation: CreateInteraction,
    private readonly definitions: RepositoryDefinitions,
    private readonly endpoints: EndpointRegistry,
  ) {}

  /**
   * @throws FirekeepError 400 `FHIR_OPERATION_PARAMETER`; 403; 404, 410 as a read of the Composition; 422
   *   `FHIR_DOCUMENT_INCOMPLETE`, `FHIR_OPERATION_TOO_COSTLY`
   */
  async execute(call: OperationCall): Promise<InteractionResult> {
    const { context } = call;
    const { repository } = context.endpoint;
    const id = this.idOf(call);
    const isKept = this.isKept(call);
    const document = await this.passage.read(
      context,
      { interaction: 'read', type: 'Composition', id },
      async (store) => {
        const composition = await store.read(repository, 'Composition', id);
        if (composition === undefined) throw unknownResource('Composition', id);
        if (composition.deleted) throw deletedResource('Composition', id);
        const reading = {
          repository,
          definitions: this.definitions.of(repository),
          bases: this.endpoints.bases(repository),
        };
        const content = await new DocumentResources(store, reading).of(composition);
        return { status: 200, body: bundleOf(content, call) };
      },
    );
    return isKept && document.body !== undefined
      ? this.creation.execute(context, 'Bundle', document.body)
      : document;
  }

  private idOf({ id, parameters, context }: OperationCall): string {
    const named = parameters.text('id');
    if (id !== undefined) {
      if (named !== undefined) throw invalidParameter('id', 'stands in the address already.');
      return id;
    }
    if (named === undefined) throw invalidParameter('id', 'is missing: which Composition?');
    if (/^[A-Za-z0-9\-.]{1,64}$/.test(named)) return named;
    const { repository } = context.endpoint;
    const bases = this.endpoints.bases(repository);
    const parsed = parseReference(named, this.definitions.of(repository), { bases });
    const { targetType, targetId, targetVersion = null } = parsed ?? {};
    if (targetType !== 'Composition' || typeof targetId !== 'string') {
      throw invalidParameter('id', 'must be the id of a Composition, or the URL of one of this repository.');
    }
    if (targetVersion !== null) {
      throw invalidParameter('id', 'names a version, and a document is made of the current one.');
    }
    return targetId;
  }

  /** @throws FirekeepError 400, 403 before anything is read */
  private isKept({ parameters, isRead, context: { principal } }: OperationCall): boolean {
    const persist = parameters.text('persist') ?? 'false';
    if (persist !== 'true' && persist !== 'false')
      throw invalidParameter('persist', 'must be true or false.');
    if (persist === 'false') return false;
    if (isRead) throw invalidParameter('persist', 'stores something, which only a POST does.');
    this.granted.require({ principal, interaction: 'create', resourceType: 'Bundle' });
    return true;
  }
}

/**
 * The document itself: R4's definition has it within a searchset, which no client expects. What it lacks says an
 * OperationOutcome at its end.
 */
function bundleOf({ resources, missing }: DocumentContent, { context, leftOut }: OperationCall): Buffer {
  const identifier = { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${randomUUID()}` };
  const timestamp = new Date().toISOString();
  const members = `,"identifier":${JSON.stringify(identifier)},"timestamp":"${timestamp}"`;
  const bundle = new BundleWriter('document', {}, members);
  for (const { type, id, content } of resources) {
    bundle.add({ fullUrl: `${context.endpoint.base}/${type}/${id}`, resource: content });
  }
  const unknown = leftOut.map((name) => ({
    severity: 'warning' as const,
    code: 'not-supported' as const,
    text: `"${name.slice(0, 80)}" is not a parameter of this operation and was left out.`,
  }));
  const issues = [...missing, ...unknown];
  if (issues.length > 0)
    bundle.add({ fullUrl: `urn:uuid:${randomUUID()}`, resource: operationOutcome(issues) });
  return bundle.finish();
}
